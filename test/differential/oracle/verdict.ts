import { tierOutcomes } from './admin-policy.js';
import type { Address } from './addresses.js';
import { antreaTierOutcomes, type Place } from './antrea.js';
import { awsNetworkPolicyOutcomes, awsTierOutcomes } from './aws.js';
import { calicoVerdict } from './calico.js';
import { calicoForwardVerdict, calicoHostVerdict, calicoReplyVerdict } from './calico-hosts.js';
import { ciliumOwnNodeVerdict, ciliumVerdict } from './cilium.js';
import { meshVerdict } from './istio.js';
import { carriedNetworkPolicyVerdicts, takesDetour } from './istio-ambient.js';
import { sidecarVerdict } from './istio-sidecars.js';
import { firewallOutcomes, networkOutcome } from './ovn.js';
import { requestsLike } from './requests.js';
import { nodeOf, SPEC, type Conventions, type OracleCluster, type OracleEndpoint, type SelfJudge } from './cluster.js';
import { subjectOf, peerOf, type OracleDirection, type Packet, type Request, type Scene } from './network-policy.js';
import { networkPolicyVerdict } from './network-policy-verdict.js';

/** `unknown` stands for questions that the API leaves open, `conditional` for what depends on the request. */
export type OracleVerdict = 'allow' | 'deny' | 'unknown' | 'conditional';

export interface OracleQuestion {
  readonly source: OracleEndpoint;
  readonly destination: OracleEndpoint;
  readonly protocol: string;
  readonly port: number | null;
  readonly icmpType?: number;
  readonly request?: Request;
  readonly sourcePort?: number;
  readonly service?: string;
  readonly servicePort?: number;
}

export interface OracleAnswer {
  readonly verdict: OracleVerdict;
  readonly egress: OracleVerdict;
  readonly ingress: OracleVerdict;
}

/** Who judges what a pod sends to itself: to its own address nobody, by a Service whoever UP-45 and NP-39 say. */
function judgeOfSelf(
  { source, destination, service }: Packet,
  direction: OracleDirection,
  { toItself }: Conventions,
): SelfJudge {
  if (source !== destination) return 'policy';
  return service === undefined ? 'nothing' : toItself[direction];
}

/** Pods on the host network share the node's address; pod policy does not apply to them. */
function isSubject(endpoint: OracleEndpoint, conventions: Conventions): boolean {
  return endpoint.type === 'pod' && (!endpoint.hostNetwork || conventions.hostPodsAreSubjects);
}

/** Traffic between a pod with a network of its own and the node it runs on is always admitted at the pod. */
function isOwnNodeTraffic(scene: Scene): boolean {
  const subject = subjectOf(scene);
  const peerNode = nodeOf(peerOf(scene));
  if (
    subject.type !== 'pod' ||
    subject.hostNetwork ||
    peerNode === null ||
    peerNode === '' ||
    peerNode !== subject.node
  )
    return false;
  return scene.direction === 'ingress' ? scene.conventions.ownNodeReachesPod : scene.conventions.podReachesOwnNode;
}

type Outcome = 'allow' | 'deny' | 'conditional';

/** What lets some requests pass at worst accepts the connection. */
function asVerdict(outcomes: ReadonlySet<Outcome>): OracleVerdict {
  if (outcomes.has('deny')) return outcomes.size > 1 ? 'unknown' : 'deny';
  return outcomes.has('conditional') ? 'conditional' : 'allow';
}

/** Final outcomes of a tier, with `pass` replaced by what follows. */
function through(tier: ReadonlySet<Outcome | 'pass'>, next: () => ReadonlySet<Outcome>): ReadonlySet<Outcome> {
  const out = new Set<Outcome>();
  for (const action of tier) {
    if (action === 'pass') for (const outcome of next()) out.add(outcome);
    else out.add(action);
  }
  return out;
}

/** Antrea's regular tiers, then NetworkPolicy where it isolates, then the baseline tier, then allow. */
function antreaOutcomes(scene: Scene, at: Place): ReadonlySet<Outcome> {
  const baseline = (): ReadonlySet<Outcome> =>
    through(antreaTierOutcomes(scene, 'baseline', at), () => new Set(['allow'] as const));
  return through(antreaTierOutcomes(scene, 'regular', at), () => {
    const verdict = at === 'service' ? null : networkPolicyVerdict(scene);
    if (verdict === null) return baseline();
    return new Set(verdict === 'open' ? (['allow', 'deny'] as const) : [verdict]);
  });
}

/** AT-9: where several rules may decide, a request must suit them all for it to be certain that it passes. */
function antreaVerdict(scene: Scene, at: Place): OracleVerdict {
  const verdict = asVerdict(antreaOutcomes(scene, at));
  if (verdict !== 'conditional') return verdict;
  return requestsLike(scene).some((one) => asVerdict(antreaOutcomes(one, at)) === 'allow') ? 'conditional' : 'unknown';
}

/** Admin policies, then NetworkPolicy where it isolates, then baseline policies, then allow. */
function directionOutcomes(scene: Scene, judgesSelf = false): ReadonlySet<Outcome> {
  const baseline = (): ReadonlySet<Outcome> =>
    through(tierOutcomes('BaselineAdminNetworkPolicy', '', scene), () =>
      through(tierOutcomes('ClusterNetworkPolicy', 'Baseline', scene), () => new Set(['allow'] as const)),
    );
  const networkPolicy = (): ReadonlySet<Outcome> => {
    const verdicts = carriedNetworkPolicyVerdicts(scene);
    if (verdicts.size === 0) return baseline();
    // UP-45: it isolates the pod, which ends here, and does not keep it from itself.
    return judgesSelf ? new Set(['allow'] as const) : verdicts;
  };
  return through(tierOutcomes('AdminNetworkPolicy', '', scene), () =>
    through(tierOutcomes('ClusterNetworkPolicy', 'Admin', scene), networkPolicy),
  );
}

/** AWS-1, AWS-14: both tiers around NetworkPolicy, then what the mode says of pods that none decides about. */
function awsOutcomes(scene: Scene): ReadonlySet<Outcome> {
  const end = new Set<Outcome>([scene.conventions.always ? 'deny' : 'allow']);
  return through(awsTierOutcomes('Admin', scene), () => {
    const standard = awsNetworkPolicyOutcomes(scene);
    return standard.size > 0 ? standard : through(awsTierOutcomes('Baseline', scene), () => end);
  });
}

/** What two processes on the network of one node say to each other never leaves it. */
function isInsideNode(scene: Scene): boolean {
  const [subject, peer] = [nodeOf(subjectOf(scene)), nodeOf(peerOf(scene))];
  return subject !== null && subject !== '' && subject === peer;
}

/** AT-20: what clients outside the cluster send to a Service, before its backend is chosen. */
function serviceEntryVerdict(scene: Scene): OracleVerdict {
  const { packet, conventions } = scene;
  const enters =
    conventions.combination === 'antrea' && packet.source.type === 'outside' && packet.service !== undefined;
  return enters ? antreaVerdict(scene, 'service') : 'allow';
}

/** CAL-60, CAL-64, CAL-75: the policy of the host where something begins or ends; the pod's, and that of the host that forwards for it. */
function calicoDirectionVerdict(scene: Scene): OracleVerdict {
  const subject = subjectOf(scene);
  if (nodeOf(subject) !== null) {
    return isInsideNode(scene) ? 'allow' : combine(calicoHostVerdict(scene), calicoReplyVerdict(scene));
  }
  if (subject.type !== 'pod' || isOwnNodeTraffic(scene)) return 'allow';
  return combine(calicoVerdict(scene), calicoForwardVerdict(scene, subject));
}

function directionVerdict(scene: Scene): OracleVerdict {
  const { conventions, packet, direction } = scene;
  const judge = judgeOfSelf(packet, direction, conventions);
  if (judge === 'nothing') return 'allow';
  const subject = subjectOf(scene);
  switch (conventions.combination) {
    case 'cilium':
      if (isInsideNode(scene)) return 'allow';
      if (isOwnNodeTraffic(scene)) return ciliumOwnNodeVerdict(scene);
      return ciliumVerdict(scene);
    case 'calico':
      return calicoDirectionVerdict(scene);
    default:
      if (!isSubject(subject, conventions) || isOwnNodeTraffic(scene)) return 'allow';
  }
  if (conventions.combination === 'spec') return asVerdict(directionOutcomes(scene, judge === 'cluster-wide'));
  if (conventions.combination === 'aws') return asVerdict(awsOutcomes(scene));
  if (conventions.combination === 'ovn') {
    // EF-2, UDN-3: gates beside policy.
    const gates = [directionOutcomes(scene), firewallOutcomes(scene), new Set([networkOutcome(scene)])];
    return gates.map(asVerdict).reduce(combine);
  }
  return subject.type === 'pod' ? antreaVerdict(scene, subject) : 'allow';
}

export function combine(egress: OracleVerdict, ingress: OracleVerdict): OracleVerdict {
  if (egress === 'deny' || ingress === 'deny') return 'deny';
  if (egress === 'unknown' || ingress === 'unknown') return 'unknown';
  return egress === 'conditional' || ingress === 'conditional' ? 'conditional' : 'allow';
}

/** The families in which both sides have an address; [null] when a side has no address at all (a template). */
export function commonFamilies(source: OracleEndpoint, destination: OracleEndpoint): readonly (4 | 6 | null)[] {
  if (source.addresses.length === 0 || destination.addresses.length === 0) return [null];
  return ([4, 6] as const).filter(
    (family) => addressOf(source, family) !== null && addressOf(destination, family) !== null,
  );
}

function addressOf(endpoint: OracleEndpoint, family: 4 | 6 | null): Address | null {
  return endpoint.addresses.find((address) => family === null || address.family === family) ?? null;
}

function packetOf(question: OracleQuestion, family: 4 | 6 | null): Packet {
  return {
    ...question,
    sourceAddress: addressOf(question.source, family),
    destinationAddress: addressOf(question.destination, family),
  };
}

/** AT-20, of a client that is seen otherwise behind. */
export function entryVerdict(
  cluster: OracleCluster,
  question: OracleQuestion,
  family: 4 | 6 | null,
  conventions: Conventions,
): OracleVerdict {
  return serviceEntryVerdict({ cluster, conventions, packet: packetOf(question, family), direction: 'ingress' });
}

/** Whether the packet may pass in one family: egress at the source and ingress at the destination must both admit it. */
export function answerInFamily(
  cluster: OracleCluster,
  question: OracleQuestion,
  family: 4 | 6 | null,
  conventions: Conventions = SPEC,
): OracleAnswer {
  const packet = packetOf(question, family);
  const scene = (direction: OracleDirection): Scene => ({ cluster, conventions, packet, direction });
  const isSelf = packet.source === packet.destination;
  const bySidecar = isSelf ? 'allow' : sidecarVerdict(scene('egress'));
  const egress = combine(directionVerdict(scene('egress')), bySidecar);
  // Where clients enter a Service and where a mesh decides are gates of their own.
  const gates = [directionVerdict, serviceEntryVerdict, isSelf ? () => 'allow' as const : meshVerdict];
  const ingress = gates.map((gate) => gate(scene('ingress'))).reduce(combine);
  // To its own node a pod always gets, but what the server refuses it may not refuse the waypoint.
  const open = !isOwnNodeTraffic(scene('egress')) || ingress === 'deny';
  // What the client's own sidecar refuses goes nowhere.
  const staysInside = judgeOfSelf(packet, 'egress', conventions) === 'nothing';
  if (!staysInside && open && bySidecar !== 'deny' && takesDetour(scene('egress')))
    return { verdict: 'unknown', egress: 'unknown', ingress: 'unknown' };
  return { verdict: combine(egress, ingress), egress, ingress };
}

/** The same in the first family that both sides have. */
export function answer(
  cluster: OracleCluster,
  question: OracleQuestion,
  conventions: Conventions = SPEC,
): OracleAnswer {
  const families = commonFamilies(question.source, question.destination);
  return answerInFamily(cluster, question, families[0] ?? null, conventions);
}
