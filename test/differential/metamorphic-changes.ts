import type { Manifest } from './random-cluster.js';
import { randomRule } from './random-network-policy.js';
import type { RandomSource } from './random-source.js';
import { KEYS, VALUES } from './random-words.js';

/** A change of a cluster's manifests whose effect is known without an oracle. */
export type Change = (random: RandomSource, manifests: readonly Manifest[]) => readonly Manifest[];

type Fields = Readonly<Record<string, unknown>>;
type Direction = 'ingress' | 'egress';
const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

const isPolicy = (manifest: Manifest): boolean => String(manifest['kind']).endsWith('Policy');
const specOf = (manifest: Manifest): Fields => (manifest['spec'] ?? {}) as Fields;
const metaOf = (manifest: Manifest): Fields => manifest['metadata'] as Fields;
const rulesOf = (spec: Fields, direction: Direction): readonly unknown[] => (spec[direction] ?? []) as unknown[];
/** Fields of a policy that may hold its rules. */
const LISTS = ['ingress', 'egress', 'ingressDeny', 'egressDeny', 'rules'] as const;
const groupOf = (manifest: Manifest): string => String(manifest['apiVersion']).split('/')[0] ?? '';
const isStandard = (manifest: Manifest): boolean => groupOf(manifest) === 'networking.k8s.io';

/** A rule that allows pods with some label, in the words of the policy's kind; null where the kind has no such rule. */
function allowRule(random: RandomSource, manifest: Manifest, direction: Direction): Fields | null {
  const matchLabels = { [random.pick(KEYS)]: random.pick(VALUES) };
  const side = direction === 'ingress' ? 'from' : 'to';
  switch (groupOf(manifest)) {
    case 'networking.k8s.io':
      return randomRule(random, side, ['8.8.8.8', '10.0.1.1']);
    case 'policy.networking.k8s.io': {
      const action = manifest['kind'] === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow';
      return { action, [side]: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels } } }] };
    }
    case 'projectcalico.org': {
      // What untracked policy lets pass is no connection any more: its replies may be lost, and all of it so denied.
      if (specOf(manifest)['doNotTrack'] === true) return null;
      const peer = direction === 'ingress' ? 'source' : 'destination';
      return { action: 'Allow', [peer]: { selector: `${Object.keys(matchLabels)[0] ?? ''} != 'a'` } };
    }
    case 'crd.antrea.io': {
      // Where clients enter a Service, rules speak of addresses alone; about multicast they speak of nothing else.
      if (['entry', 'multicast'].includes(String(metaOf(manifest)['name']))) return null;
      const last = rulesOf(specOf(manifest), direction).at(-1) as Fields | undefined;
      const appliedTo = last?.['appliedTo'] === undefined ? {} : { appliedTo: last['appliedTo'] };
      return { action: 'Allow', [side]: [{ podSelector: { matchLabels } }], ...appliedTo };
    }
    case 'k8s.ovn.org':
      return { type: 'Allow', to: { cidrSelector: '8.8.8.0/24' } };
    case 'cilium.io':
      return { [`${side}Endpoints`]: [{ matchLabels }] };
    default:
      return null;
  }
}

/** One more allow at the end of each list of rules that has some: what it adds can only be allowed more. */
export const addAllow: Change = (random, manifests) =>
  manifests.map((manifest) => {
    if (!isPolicy(manifest) && manifest['kind'] !== 'EgressFirewall') return manifest;
    const spec = specOf(manifest);
    const added: Record<string, unknown> = {};
    if (groupOf(manifest) === 'security.istio.io' && (spec['action'] ?? 'ALLOW') === 'ALLOW') {
      const source = { notIpBlocks: [random.pick(['8.8.8.8', '10.0.1.1'])] };
      added['rules'] = [...((spec['rules'] ?? []) as unknown[]), { from: [{ source }] }];
    }
    for (const direction of DIRECTIONS) {
      const rules = rulesOf(spec, direction);
      const rule = rules.length === 0 ? null : allowRule(random, manifest, direction);
      if (rule !== null) added[direction] = [...rules, rule];
    }
    return Object.keys(added).length === 0 ? manifest : { ...manifest, spec: { ...spec, ...added } };
  });

/** New names for policies. Calico breaks ties by name, so there they keep their order; `default` is a name with a meaning. */
export const rename: Change = (random, manifests) => {
  const fresh = random.shuffled(manifests.map((_, index) => `renamed-${index}`));
  return manifests.map((manifest, index) => {
    const { name } = metaOf(manifest);
    if (!isPolicy(manifest) || manifest['kind'] === 'BaselineAdminNetworkPolicy') return manifest;
    const byName =
      groupOf(manifest) === 'projectcalico.org' || manifests.some((m) => groupOf(m) === 'projectcalico.org');
    return { ...manifest, metadata: { ...metaOf(manifest), name: byName ? `${String(name)}-x` : fresh[index] } };
  });
};

/** Kinds whose rules have no order among them. */
const UNORDERED: ReadonlySet<string> = new Set(['networking.k8s.io', 'cilium.io']);

function permuted(random: RandomSource, value: unknown, ordered: boolean, key = ''): unknown {
  if (Array.isArray(value)) {
    const elements = value.map((element) => permuted(random, element, ordered));
    return ordered && DIRECTIONS.includes(key as Direction) ? elements : random.shuffled(elements);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = random.shuffled(Object.entries(value));
  return Object.fromEntries(entries.map(([field, entry]) => [field, permuted(random, entry, ordered, field)]));
}

/** Objects, fields, and every list without an order of its own, in another order. */
export const permute: Change = (random, manifests) =>
  random.shuffled(
    manifests.map((manifest) => {
      if (!isPolicy(manifest)) return manifest;
      const ordered = !UNORDERED.has(groupOf(manifest));
      const parts = ['spec', 'specs'].filter((part) => manifest[part] !== undefined);
      return {
        ...manifest,
        ...Object.fromEntries(parts.map((part) => [part, permuted(random, manifest[part], ordered)])),
      };
    }),
  );

/** Fields that a policy's parts must state where the whole left them to its rules. */
function stated(manifest: Manifest): Fields {
  const spec = specOf(manifest);
  const has = (direction: Direction): boolean => rulesOf(spec, direction).length > 0;
  if (isStandard(manifest) || manifest['kind'] === 'ApplicationNetworkPolicy') {
    return { policyTypes: spec['policyTypes'] ?? (has('egress') ? ['Ingress', 'Egress'] : ['Ingress']) };
  }
  if (groupOf(manifest) !== 'projectcalico.org') return {};
  const types = [...(has('ingress') || !has('egress') ? ['Ingress'] : []), ...(has('egress') ? ['Egress'] : [])];
  return { types: spec['types'] ?? types };
}

/** Where the second part stands: right behind the first; null where others stand there, or nothing can. */
function behind(manifest: Manifest, all: readonly Manifest[]): Fields | null {
  const { priority, tier } = specOf(manifest);
  // To AWS the rules of one priority have no order, in one policy or in two.
  if (typeof priority !== 'number' || groupOf(manifest) === 'networking.k8s.aws') return {};
  const step = groupOf(manifest) === 'crd.antrea.io' ? 0.001 : 1;
  const taken = all.filter((other) => {
    const own = specOf(other);
    return (
      other !== manifest && own['tier'] === tier && [priority, priority + step].includes(own['priority'] as number)
    );
  });
  return taken.length > 0 || (step === 1 && priority === 1000) ? null : { priority: priority + step };
}

/** Each policy in two, with its subject and directions, and its rules shared out in their order. */
export const split: Change = (random, manifests) =>
  manifests.flatMap((manifest) => {
    const place = behind(manifest, manifests);
    // A policy with `specs` is several already; the baseline policy is one of a kind.
    const whole = manifest['spec'] === undefined || manifest['kind'] === 'BaselineAdminNetworkPolicy';
    if (!isPolicy(manifest) || whole || place === null) return [manifest];
    const spec = specOf(manifest);
    const cut = random.between(0, 2);
    const part = (name: string, more: Fields, keep: (index: number) => boolean): Manifest => {
      const lists = LISTS.filter((list) => spec[list] !== undefined);
      const rules = lists.map((list) => [list, (spec[list] as unknown[]).filter((_, index) => keep(index))]);
      const metadata = { ...metaOf(manifest), name: `${String(metaOf(manifest)['name'])}-${name}` };
      return { ...manifest, metadata, spec: { ...spec, ...stated(manifest), ...Object.fromEntries(rules), ...more } };
    };
    const parts = [part('head', {}, (index) => index < cut), part('tail', place, (index) => index >= cut)];
    // Cilium and GKE refuse a policy without rules, and so does Antrea where the rules say whom they apply to.
    const isRefused = (one: Manifest): boolean =>
      ['crd.antrea.io', 'cilium.io', 'networking.gke.io'].includes(groupOf(one)) &&
      LISTS.every((list) => ((specOf(one)[list] ?? []) as unknown[]).length === 0);
    return parts.filter((one) => !isRefused(one));
  });
