import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Probe, ProbeOutcome } from './probe-plan.js';

/** What a probe saw, against what was predicted. */
export interface ProbeJudgement {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly predicted: Probe['predicted'];
  /** null when it was not posted. */
  readonly observed: ProbeOutcome | null;
  /** null when the two cannot be compared. */
  readonly agrees: boolean | null;
  /** Where to look when they differ, likeliest first. */
  readonly hints: readonly string[];
}

/** Compares what probes saw with what was predicted. */
export function judgeProbes(
  snapshot: CompiledSnapshot,
  probes: readonly Probe[],
  observed: ReadonlyMap<string, ProbeOutcome>,
): readonly ProbeJudgement[] {
  return probes.map((probe): ProbeJudgement => {
    const saw = observed.get(probe.id) ?? null;
    const { id, from, to, predicted } = probe;
    const agrees =
      saw === null || saw === 'error' || saw === 'sent' || predicted === 'unknown' ? null : fits(probe, saw);
    return { id, from, to, predicted, observed: saw, agrees, hints: agrees === false ? hintsOf(snapshot, probe) : [] };
  });
}

function fits({ id, expect }: Probe, saw: ProbeOutcome): boolean {
  return expect.includes(`${id} ${saw}`);
}

function hintsOf({ cni, index }: CompiledSnapshot, { predicted, protocol }: Probe): readonly string[] {
  const stale = 'the snapshot is older than the policies of now: ask again, with the newest state';
  const mesh = index.policies.some(({ meta }) => meta.group === 'security.istio.io');
  if (predicted === 'open') {
    return [
      stale,
      'a firewall of the host or the cloud (security group, node firewall) is in the way, which the inventory does not show',
      ...(mesh ? ['the mesh wants an identity (mTLS) that a plain probe does not have'] : []),
      'nothing answers there: the pod is not ready, or listens elsewhere',
    ];
  }
  const engine =
    cni.policyEngine === '' ? 'nothing that enforces policy was found' : `${cni.title} was taken to enforce`;
  return [
    ...(cni.enforced === 'yes' ? [] : [`${engine}: policies are stored and have no effect`]),
    'the agent of the CNI does not run, or lags behind, on the node of the pod',
    stale,
    ...(mesh && protocol === 'TCP' ? ['a sidecar takes the connection itself before the other side is reached'] : []),
    'the traffic goes another way: the host network of the node, or an address that hides the source',
  ];
}

const LINE = /^(p[0-9a-f]{8}) (open|refused|timeout|sent|error)\r?$/gm;

/** What the script printed; other lines are left out. */
export function readProbeOutput(text: string): ReadonlyMap<string, ProbeOutcome> {
  return new Map([...text.matchAll(LINE)].map(([, id = '', outcome]) => [id, outcome as ProbeOutcome]));
}
