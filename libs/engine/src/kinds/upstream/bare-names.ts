import { and, isNamedBy, or, SCTP, TCP, UDP } from '../../model/index.js';
import type { PodFact, PodShape, PolicyEntry, PortSpec, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { peersWithin } from '../shared/index.js';
import type { RawRule } from './upstream-policy.raw.js';

const EVERY_PORT: PortSpec = {
  include: [TCP, UDP, SCTP].map((protocol) => ({ type: 'protocol', protocol })),
  except: [],
};

/**
 * The v1alpha1 build of kube-network-policies looks for the name of a port at the destination and not at the port of the
 * packet: where a pod has the name, the rule is one for all its ports. (UP-41)
 */
export function bareNames({ ports }: RawRule, env: CompileEnv, entry: PolicyEntry): PolicyEntry[] {
  if (ports === null || env.semantics.options['flavour'] !== 'npa-v1alpha1') return [];
  const names = ports.matches.filter((match) => match.type === 'named');
  if (names.length === 0) return [];
  const isNamed = (shape: PodShape): boolean => shape.ports.some((port) => names.some((name) => isNamedBy(port, name)));
  const named = or(
    ...env.pods.filter(({ shape }) => isNamed(shape)).map(selectorOf),
    ...env.workloads.filter(({ template }) => isNamed(template)).map(selectorOf),
  );
  if (entry.direction === 'ingress') return [{ ...entry, subject: and(entry.subject, named), ports: EVERY_PORT }];
  if (entry.peers.type === 'none') return [];
  return [{ ...entry, peers: peersWithin(entry.peers, named), ports: EVERY_PORT }];
}

function selectorOf({ meta }: Pick<PodFact, 'meta'>): Selector {
  return { type: 'endpoint', namespace: meta.namespace, names: [meta.name] };
}
