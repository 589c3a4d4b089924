import { and, not, SCTP, TCP, UDP } from '../../model/index.js';
import type {
  CompiledPolicy,
  Condition,
  PolicyEntry,
  PortMatch,
  PortSpec,
  Protocol,
  Selector,
  Semantics,
} from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { peersWithin } from '../shared/index.js';
import { meshMembers } from './enrolment.js';
import { MESH_TIER } from './mesh-tier.js';

/** Where members of the mesh reach ambient workloads and each other, whatever port the client named (IM-33). */
export const HBONE = 15008;

const AMBIENT = meshMembers('ambient');
const SIDECAR = meshMembers('sidecar');
const RECEIVERS = meshMembers('sidecar', 'ambient');
const DOUBT = 'whether a sidecar reaches ambient workloads on port 15008 depends on its settings';
const OTHERS: readonly Protocol[] = [UDP, SCTP];

/**
 * Whether ztunnel names the port of the workload where others name that of the mesh, so that the CNI sees it: Calico tells
 * it by a mark which connections are the mesh's (IM-69).
 */
export const namesPorts = ({ options }: Pick<Semantics, 'options'>): boolean =>
  options['istio-ambient-mode'] === 'enabled';

/**
 * A policy of the CNI as it meets traffic inside an ambient mesh: of a TCP connection from an ambient client to a member
 * the CNI sees port 15008 and never the port that the client named (IM-33, IM-35). Each entry that limits TCP ports is
 * told apart by the pairs that it is about; the mesh's own policies still see the port of the workload.
 */
export function carriedByMesh(policy: CompiledPolicy, env: CompileEnv): CompiledPolicy {
  if (!policy.entries.some(limitsTcp) || env.ambient.size === 0) return policy;
  return {
    ...policy,
    entries: policy.entries.flatMap((entry) => (limitsTcp(entry) ? carriedEntries(entry, env) : [entry])),
  };
}

function limitsTcp({ tier, peers, ports }: PolicyEntry): boolean {
  if (tier === MESH_TIER.id || peers.type === 'none') return false;
  return ports.include !== 'any' || ports.except.some(speaksOfTcp);
}

/** The pairs of subject and peer that an entry is about, each with the ports that the CNI sees of it. */
function carriedEntries(entry: PolicyEntry, { semantics }: CompileEnv): readonly PolicyEntry[] {
  const egress = entry.direction === 'egress';
  const { ports } = entry;
  const carried = carriedPorts(ports);
  const [client, receiver] = egress ? [AMBIENT, RECEIVERS] : [RECEIVERS, AMBIENT];
  const [doubtfulSubject, doubtfulPeer] = egress ? [SIDECAR, AMBIENT] : [AMBIENT, SIDECAR];
  const between = (subject: Selector, peer: Selector, more: Partial<PolicyEntry>): PolicyEntry => {
    return { ...entry, subject: and(entry.subject, subject), peers: peersWithin(entry.peers, peer), ...more };
  };
  const where = (isCarried: boolean): readonly Condition[] => [
    ...entry.conditions,
    { type: 'unsupported', what: DOUBT, carried: isCarried },
  ];
  const onHbone = { ports: carried, carried: { port: HBONE, written: ports }, isolates: false };
  return [
    between(client, receiver, namesPorts(semantics) ? { isolates: false } : onHbone),
    between(doubtfulSubject, doubtfulPeer, { conditions: where(false), isolates: false }),
    between(doubtfulSubject, doubtfulPeer, { ...onHbone, conditions: where(true) }),
    between(AMBIENT, not(RECEIVERS), {}),
    between(SIDECAR, not(AMBIENT), {}),
    { ...entry, subject: and(entry.subject, not(RECEIVERS)) },
  ];
}

function seesHbone(ports: PortSpec): boolean {
  const included = ports.include === 'any' || ports.include.some(includesHbone);
  return included && !ports.except.some(includesHbone);
}

/** A port's name is looked up at the pod, which has none for the mesh's own port. */
function includesHbone(match: PortMatch): boolean {
  if (match.type === 'protocol') return match.protocol === TCP;
  return match.type === 'range' && match.protocol === TCP && match.from <= HBONE && HBONE <= match.to;
}

function speaksOfTcp(match: PortMatch): boolean {
  return match.protocol === TCP || (match.type === 'named' && match.protocol === null);
}

/** The ports of an entry for connections that the mesh carries: every TCP port or none, other protocols as written. */
function carriedPorts(ports: PortSpec): PortSpec {
  const everyTcp: PortMatch = { type: 'protocol', protocol: TCP };
  const except = ports.except.flatMap(withoutTcp);
  const opens = seesHbone(ports);
  if (ports.include === 'any') return { include: 'any', except: opens ? except : [...except, everyTcp] };
  const include = ports.include.flatMap(withoutTcp);
  return { include: opens ? [...include, everyTcp] : include, except };
}

function withoutTcp(match: PortMatch): readonly PortMatch[] {
  if (match.protocol === null) return OTHERS.map((protocol) => ({ ...match, protocol }));
  return match.protocol === TCP ? [] : [match];
}
