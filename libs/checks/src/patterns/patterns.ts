import { blockOf, protocolName, SEES_ALL, TCP, UDP } from '#engine';
import type { CompiledSnapshot, JsonObject, Sees } from '#engine';

import { apiServer } from '../context/api-server.js';
import { AuditContext } from '../context/audit-context.js';
import { DEFAULT_SETTINGS } from '../context/audit-settings.js';
import { certainDns } from '../context/cluster-dns.js';
import { scrapersOf, scrapeTargets } from '../context/scrapers.js';
import { applyFix } from '../fix/apply-fix.js';
import { denySketches, dnsSketch, freeName } from '../fix/default-deny.js';
import type { Fix, Prediction } from '../fix/fix.js';
import { applyObjects } from '../fix/make-fix.js';
import {
  distinctPeers,
  peerOf,
  sayPolicy,
  type PolicyForm,
  type PolicySketch,
  type SketchPeer,
} from '../fix/policy-sketch.js';
import { predictFix } from '../fix/predict-fix.js';
import { toYaml } from '../fix/to-yaml.js';
import { ADMISSION_GUARDS } from './admission-guards.js';
import { admissionPolicy, gatekeeperGuardOf, kyvernoGuard } from './guard-forms.js';
import { gatekeeperGuard, kyvernoGeneratingPolicy, kyvernoPolicy, type BundleForm } from './guard-rails.js';
import { externalServices } from './external-services.js';
import { internetWatch } from './internet-watch.js';
import { tierChain } from './tier-chain.js';
import { whatIsMissing } from './what-is-missing.js';

/** A policy that people write again and again, to be filled in from an inventory. */
export interface Pattern {
  readonly id: string;
  /** One line in lower case, without a full stop. */
  readonly title: string;
  /** What it lets through and what it closes. Ends with a full stop. */
  readonly description: string;
}

/** How a pattern is wanted. */
export interface PatternOptions {
  /** The kind of policy; when left out `kubernetes`, and for names what the network plugin of the cluster has. */
  readonly form?: PolicyForm | undefined;
  /** Policies as they are, or what keeps them in place; `manifests` when left out. */
  readonly as?: BundleForm | undefined;
  /** Names and blocks outside, for the pattern that lets through those. */
  readonly outside?: readonly string[] | undefined;
  /** Their port; 443 when left out. */
  readonly port?: number | undefined;
  /** What the caller may know of; everything when left out. */
  readonly sees?: Sees | undefined;
}

/** What a pattern comes to in a namespace, before it is said in the words of one kind of policy. */
export interface Filled {
  readonly title: string;
  readonly sketches: readonly PolicySketch[];
  /** The kind of policy that they need; as it is asked for when left out. */
  readonly form?: PolicyForm;
  /** What goes with them, of a kind of its own. */
  readonly objects?: readonly JsonObject[];
  readonly note: string;
}

/** A pattern filled in for a namespace, with what the engine says that it would change. */
export interface FilledPattern {
  readonly pattern: Pattern;
  /** YAML of the objects; '' when the namespace has policies that say it all already, which the note names. */
  readonly manifest: string;
  readonly objects: readonly JsonObject[];
  readonly note: string;
  readonly prediction: Prediction;
}

/** Why a pattern cannot be filled in: what the inventory lacks, or what has to be said. */
export interface UnfilledPattern {
  readonly pattern: Pattern;
  readonly missing: string;
}

type Fill = (context: AuditContext, namespace: string, options: PatternOptions) => Filled | string;

interface Entry extends Pattern {
  readonly fill: Fill;
}

const NO_DNS = 'the inventory has no cluster DNS Service with ready endpoints';

const ENTRIES: readonly Entry[] = [
  {
    id: 'default-deny',
    title: 'close a namespace by default, with the way to DNS left open',
    description: 'Closes every pod for both directions and allows DNS by the label and the real port of the resolvers.',
    fill: (context, namespace) => {
      const sketches = denySketches(context, namespace, ['ingress', 'egress']);
      const note = 'add the connections that the workloads need before it is applied: everything else is closed by it';
      const title = `close ${namespace} by default`;
      return { title, sketches, note: sketches.length > 1 ? note : `${note}; the way to DNS too, as ${NO_DNS}` };
    },
  },
  {
    id: 'allow-dns',
    title: 'let every pod of a namespace look names up',
    description:
      'Allows egress to the resolvers of the cluster, on the ports that they listen on, by UDP and TCP; to those on the host network, and to the cache of each node, by address.',
    fill: (context, namespace) => {
      const sketch = dnsSketch(context, namespace);
      if (sketch === null) return NO_DNS;
      return { title: `let ${namespace} look names up`, sketches: [sketch], note: '' };
    },
  },
  {
    id: 'namespace-isolation',
    title: 'let pods of a namespace talk to each other and to nobody else',
    description: 'Closes ingress of every pod and admits the pods of the same namespace on every port.',
    fill: (context, namespace) => {
      const peers: readonly SketchPeer[] = [{ type: 'pods', namespace, labels: {} }];
      const name = freeName(context, namespace, 'allow-same-namespace');
      const rules = [{ direction: 'ingress', peers, ports: [] } as const];
      return {
        title: `isolate ${namespace}`,
        sketches: [{ namespace, name, labels: {}, closes: ['ingress'], rules }],
        note: '',
      };
    },
  },
  {
    id: 'tier-chain',
    title: 'ingress controller to frontend to API to database, and nothing else',
    description:
      'Closes the pods that an Ingress, Route or Gateway leads to, those that are served besides, and the data stores; each may be reached by the tier before it on the ports that it declares, and everyone may look names up.',
    fill: (context, namespace, { sees = SEES_ALL }) => tierChain(context, namespace, sees),
  },
  {
    id: 'metrics-scraping',
    title: 'let what collects metrics reach the pods that show them',
    description:
      'Admits the pods of the monitoring system, by label, to the ports of pods that ask to be scraped by annotation or name a port for metrics.',
    fill: metricsScraping,
  },
  {
    id: 'apiserver-egress',
    title: 'let every pod of a namespace reach the API server',
    description: 'Allows egress to the endpoints of default/kubernetes on their own port, which policy sees.',
    fill: (context, namespace) => {
      const server = apiServer(context);
      if (server === null) return 'the inventory has no endpoints of default/kubernetes';
      const peers: readonly SketchPeer[] = [{ type: 'apiServer', cidrs: server.addresses.map(blockOf) }];
      const ports = [{ protocol: protocolName(TCP), port: server.port }];
      const name = freeName(context, namespace, 'allow-apiserver');
      const rules = [{ direction: 'egress', peers, ports } as const];
      return {
        title: `let ${namespace} reach the API server`,
        sketches: [{ namespace, name, labels: {}, closes: ['egress'], rules }],
        note: 'the addresses are those of now: change them with the control plane',
      };
    },
  },
  {
    id: 'external-services',
    title: 'let every pod of a namespace reach services outside, by name or by block',
    description:
      'Allows egress to the names and blocks that are given, on one port; names need a network plugin whose policies know them.',
    fill: externalServices,
  },
];

/** It is no policy, and changes nothing. */
const INTERNET_WATCH: Pattern = {
  id: 'internet-watch',
  title: 'tell of connections to the internet that nobody announced, as rules for Falco',
  description:
    'Rules for Falco, with the text of the alert, for a namespace without the workloads whose owners gave a reason.',
};

/** It is no policy of the network, and changes nothing that is there. */
const GUARD_RAILS: Pattern = {
  id: 'guard-rails',
  title: 'refuse at admission what audits find again and again',
  description:
    'Rules for the admission of policies, pods and Services of a namespace: two peers where one was meant, policy types left out, ports opened on every pod, the host network, ephemeral containers, host ports, rights over the network, external addresses. One that would refuse what is there today, or that is a guess, only warns.',
};

function metricsScraping(
  context: AuditContext,
  namespace: string,
  { sees = SEES_ALL }: PatternOptions,
): Filled | string {
  const scrapers = scrapersOf(context).filter((pod) => sees(pod.namespace));
  if (scrapers.length === 0) return 'no pod is known by its labels to collect metrics';
  const targets = scrapeTargets(
    context,
    context.pods.filter((pod) => pod.namespace === namespace),
  );
  if (targets.length === 0) return `no pod of ${namespace} asks to be scraped, by annotation or by the name of a port`;
  const peers = distinctPeers(scrapers);
  const groups = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly ports: Set<number> }>();
  for (const { pod, port } of targets) {
    const peer = peerOf(pod);
    if (peer.type !== 'pods') continue;
    const key = JSON.stringify(peer.labels);
    const group = groups.get(key) ?? { labels: peer.labels, ports: new Set<number>() };
    groups.set(key, group);
    group.ports.add(port);
  }
  const sketches = [...groups.values()].map(({ labels, ports }, at): PolicySketch => ({
    namespace,
    name: freeName(context, namespace, at === 0 ? 'allow-metrics' : `allow-metrics-of-${String(at + 1)}`),
    labels,
    closes: ['ingress'],
    rules: [{ direction: 'ingress', peers, ports: [...ports].map((port) => ({ protocol: protocolName(TCP), port })) }],
  }));
  return {
    title: `let ${namespace} be scraped`,
    sketches,
    note: 'a policy closes what it selects: pods that nothing closes yet are reached by the scraper alone afterwards',
  };
}

/** Every pattern, in a fixed order. */
export const PATTERNS: readonly Pattern[] = [
  ...ENTRIES.map(({ id, title, description }) => ({ id, title, description })),
  INTERNET_WATCH,
  GUARD_RAILS,
];

const NOTHING: Prediction = { changes: [], opened: 0, closed: 0 };

/**
 * Fills a pattern in for a namespace of a snapshot and has the engine work out what it would open and close. Null when
 * there is no such pattern.
 */
export function fillPattern(
  snapshot: CompiledSnapshot,
  id: string,
  namespace: string,
  options: PatternOptions = {},
): FilledPattern | UnfilledPattern | null {
  const pattern = PATTERNS.find((each) => each.id === id);
  if (pattern === undefined) return null;
  const { sees = SEES_ALL } = options;
  const isThere = snapshot.index.namespaces.has(namespace) && sees(namespace);
  if (!isThere) return { pattern, missing: `there is no namespace \`${namespace}\`` };
  const context = new AuditContext(snapshot, DEFAULT_SETTINGS);
  if (pattern === GUARD_RAILS) return guardRails(context, namespace, options);
  const entry = ENTRIES.find((each) => each.id === id);
  if (entry === undefined) {
    const watch = internetWatch(context, namespace);
    return typeof watch === 'string'
      ? { pattern, missing: watch }
      : { pattern, ...watch, objects: [], prediction: NOTHING };
  }
  const filled = entry.fill(context, namespace, options);
  if (typeof filled === 'string') return { pattern, missing: filled };
  return bundle(context, pattern, namespace, filled, options);
}

function bundle(
  context: AuditContext,
  pattern: Pattern,
  namespace: string,
  { title, sketches, note, objects: others = [], form: needed }: Filled,
  { form = 'kubernetes', as = 'manifests', sees = SEES_ALL }: PatternOptions,
): FilledPattern | UnfilledPattern {
  if (as === 'gatekeeper') return guard(pattern, namespace);
  const policies = [...sketches.map((sketch) => sayPolicy(sketch, needed ?? form)), ...others];
  const predict = (objects: readonly JsonObject[]): Prediction =>
    predictFix(context.snapshot, applyObjects(title, objects), { sees }) ?? NOTHING;
  if (as === 'kyverno' || as === 'kyverno-generating') {
    const keep = as === 'kyverno' ? kyvernoPolicy : kyvernoGeneratingPolicy;
    const objects = [keep(namespace, pattern.id, policies)];
    return { pattern, manifest: toYaml(objects), objects, note, prediction: predict(policies) };
  }
  const { objects, sameAs } = whatIsMissing(context, namespace, applyObjects(title, policies));
  const isThere = sameAs.length === 0 ? '' : `there already: ${sameAs.join(', ')}`;
  if (objects.length === 0) return { pattern, manifest: '', objects, note: isThere, prediction: NOTHING };
  const stillClosed = sketches.some(({ rules }) => rules.some(({ isDns = false }) => isDns))
    ? namesStillClosed(context, namespace, applyObjects(title, objects))
    : '';
  const notes = [isThere, note, stillClosed].filter(Boolean).join('; ');
  return { pattern, manifest: toYaml(objects), objects, note: notes, prediction: predict(objects) };
}

/** Another policy may come before those that let pods look names up. */
function namesStillClosed({ snapshot }: AuditContext, namespace: string, fix: Fix): string {
  const after = new AuditContext(applyFix(snapshot, fix), DEFAULT_SETTINGS);
  const pod = after.newPod(namespace);
  const dns = certainDns(after);
  const isClosed =
    typeof dns !== 'string' &&
    dns.resolvers.every(({ endpoint, port }) => after.verdict(pod, endpoint, UDP, port) === 'deny');
  return isClosed
    ? 'pods still cannot look names up with it: another policy denies that before, or at the resolvers'
    : '';
}

function guard(pattern: Pattern, namespace: string): FilledPattern | UnfilledPattern {
  if (pattern.id !== 'default-deny') {
    return {
      pattern,
      missing: 'Gatekeeper is only asked to look for `default-deny` and `guard-rails`; ask for manifests or Kyverno',
    };
  }
  const objects = gatekeeperGuard(namespace);
  const note = 'it warns of a namespace without such policies, and opens and closes nothing';
  return { pattern, manifest: toYaml(objects), objects, note, prediction: NOTHING };
}

function guardRails(
  context: AuditContext,
  namespace: string,
  { as = 'manifests' }: PatternOptions,
): FilledPattern | UnfilledPattern {
  if (context.isSystem(namespace)) {
    return { pattern: GUARD_RAILS, missing: `\`${namespace}\` belongs to the platform, which needs what they refuse` };
  }
  const warns: string[] = [];
  const objects = ADMISSION_GUARDS.flatMap((guard) => {
    const refused = guard.refused?.(context, namespace) ?? null;
    if (refused !== null && refused.length > 0) warns.push(`${guard.name} for ${[...new Set(refused)].join(', ')}`);
    return GUARD_FORMS[as]({ guard, namespace, refuses: refused?.length === 0 });
  });
  const why = warns.length === 0 ? '' : `; these only warn, as they would refuse what is there: ${warns.join('; ')}`;
  const note = `they look at what comes, and change nothing that is there; guesses only warn${why}`;
  return { pattern: GUARD_RAILS, manifest: toYaml(objects), objects, note, prediction: NOTHING };
}

const GUARD_FORMS = {
  manifests: admissionPolicy,
  kyverno: kyvernoGuard,
  'kyverno-generating': kyvernoGuard,
  gatekeeper: gatekeeperGuardOf,
} as const;
