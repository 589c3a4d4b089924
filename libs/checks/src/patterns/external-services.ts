import { parseCidr, protocolName, TCP } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { NAME_RULES } from '../fix/allow-by-name.js';
import { dnsSketch, freeName } from '../fix/default-deny.js';
import type { PolicyForm, PolicySketch, SketchPeer, SketchPort } from '../fix/policy-sketch.js';
import type { Filled, PatternOptions } from './patterns.js';

/** What pods of a namespace may reach outside: in one policy, or names in one of the kind that the network plugin has. */
export function externalServices(context: AuditContext, namespace: string, options: PatternOptions): Filled | string {
  const { outside = [], port = 443 } = options;
  if (outside.length === 0) return 'say which services: names or blocks outside the cluster';
  const peers = outside.map(peerOutside);
  const names = peers.flatMap((peer) => (peer.type === 'host' ? [peer.name] : []));
  const ports = [{ protocol: protocolName(TCP), port }];
  const title = `let ${namespace} reach ${outside.join(', ')}`;
  const note = names.length < peers.length ? 'whoever else has an address in these blocks is reached too' : '';
  const dns = names.length === 0 ? null : dnsSketch(context, namespace);
  const own = (said: readonly SketchPeer[]): PolicySketch => ({
    namespace,
    name: freeName(context, namespace, 'allow-external'),
    labels: {},
    closes: ['egress'],
    rules: [
      ...(said.length === 0 ? [] : [{ direction: 'egress', peers: said, ports } as const]),
      ...(dns?.rules ?? []),
    ],
  });
  if (names.length === 0) return { title, sketches: [own(peers)], note };
  const form = formOfNames(context, options.form);
  if (form !== null && dns === null)
    return 'names need the way to DNS, and the inventory has no cluster DNS Service with ready endpoints';
  if (form === 'cilium') return { title, sketches: [own(peers)], form, note };
  const blocks = peers.filter(({ type }) => type === 'block');
  const byName = form === 'own' ? nameRule(context, namespace, names, ports) : null;
  if (byName === null) return `\`${names[0] ?? ''}\` is a name, ${whyNot(context, options.form)}`;
  return {
    title,
    sketches: [own(blocks)],
    objects: [byName.object],
    note: [note, byName.note].filter(Boolean).join('; '),
  };
}

function peerOutside(text: string): SketchPeer {
  const block = parseCidr(text.includes('/') ? text : `${text}/${text.includes(':') ? '128' : '32'}`);
  if (block === null) return { type: 'host', name: text, cidrs: [] };
  return { type: 'block', cidr: text.includes('/') ? text : `${text}/${String(block.prefix)}` };
}

/** Where no kind of policy is asked for, names are said in one that the cluster's network plugin has for them. */
function formOfNames({ snapshot }: AuditContext, asked: PolicyForm | undefined): 'cilium' | 'own' | null {
  if (asked !== undefined) return asked === 'cilium' ? 'cilium' : null;
  const rules = NAME_RULES[snapshot.cni.policyEngine];
  if (rules === undefined) return null;
  return rules.kind === 'CiliumNetworkPolicy' ? 'cilium' : 'own';
}

function nameRule(context: AuditContext, namespace: string, names: readonly string[], ports: readonly SketchPort[]) {
  const rules = NAME_RULES[context.snapshot.cni.policyEngine];
  const name = freeName(context, namespace, 'allow-external-names');
  const object = rules?.write(context, { namespace, name, podSelector: {}, rules: [{ names, ports }] }) ?? null;
  return object === null ? null : { object, note: rules?.note ?? '' };
}

function whyNot({ snapshot }: AuditContext, asked: PolicyForm | undefined): string {
  const otherwise = 'give blocks, or ask for the form `cilium`';
  if (asked !== undefined) return `which this kind of policy does not know: ${otherwise}`;
  const { policyEngine, title } = snapshot.cni;
  if (policyEngine === 'unknown') return `and which network plugin enforces policy here is not known: ${otherwise}`;
  const { note = '' } = NAME_RULES[policyEngine] ?? {};
  return `and ${title} has no policy that would allow it by name${note === '' ? '' : ` (${note})`}: ${otherwise}`;
}
