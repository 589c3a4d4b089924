import { applyFix, predictFix, runChecks, type Check, type Finding, type Prediction } from '#checks';
import {
  ask,
  driftReport,
  objectDrift,
  parsePeer,
  protocolByName,
  factsOf,
  type CompiledSnapshot,
  type DriftPeer,
  type DriftSide,
  type PeerQuery,
} from '#engine';

/** What is not true of a finding: nothing, when each line that it says holds. */
export function whatIsWrongWith(snapshot: CompiledSnapshot, check: Check, finding: Finding): readonly string[] {
  return [...wrongFlow(snapshot, finding), ...wrongFix(snapshot, check, finding)].map(
    (line) => `${finding.check}: ${finding.title}: ${line}`,
  );
}

const VERDICTS = { allow: 'allowed', deny: 'denied', unknown: 'undetermined' } as const;

/** The flow is asked as anybody would ask it, by name, and both readings must agree. */
function wrongFlow(snapshot: CompiledSnapshot, { counterexample }: Finding): string[] {
  if (counterexample === null) return [];
  const { source, destination, protocol: name, port, intended, enforced } = counterexample;
  const protocol = protocolByName(name);
  if (protocol === null) return [`${name} is no protocol`];
  const asked = ask(snapshot, { source: peerNamed(source), destination: peerNamed(destination), protocol, port });
  if (asked.type !== 'answer') return [asked.error.message];
  const said = [VERDICTS[intended], VERDICTS[enforced]].join();
  const found = [asked.answer.intended.verdict, asked.answer.enforced.verdict].join();
  return said === found ? [] : [`${source} → ${destination} ${name} ${port ?? 'any'} is said ${said} and is ${found}`];
}

/** The words that findings have for endpoints, as questions have them. */
function peerNamed(name: string): PeerQuery {
  const nobody = { type: 'hypothetical', labels: {}, serviceAccount: 'default' } as const;
  if (name === 'any pod of any namespace') return { ...nobody, namespace: '', namespaceLabels: {} };
  const [, namespace, labels] = /^a new pod of (\S+)(?: with (\S+))?$/.exec(name) ?? [];
  if (namespace !== undefined) {
    const pairs = labels?.split(',').map((pair) => pair.split('=')) ?? [];
    return { ...nobody, namespace, labels: Object.fromEntries(pairs) as Record<string, string> };
  }
  const parsed = parsePeer(name.replace(/^node /, 'node:'));
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.peer;
}

/** The fix must take the finding away, and change what it is predicted to, as a comparison of both states tells. */
function wrongFix(snapshot: CompiledSnapshot, check: Check, finding: Finding): string[] {
  const { fix, fingerprint } = finding;
  if (fix === null || fix.action === 'task') return [];
  const after = applyFix(snapshot, fix);
  const [result] = runChecks(after, [check], { predictions: 0 }).results;
  const isStillThere = result?.findings.some((other) => other.fingerprint === fingerprint) ?? true;
  const predicted = predictFix(snapshot, fix) as Prediction;
  const wrong: string[] = [];
  if (isStillThere) wrong.push(`it is still there with the fix \`${fix.title}\``);
  // A long list is cut.
  if (predicted.changes.length < Math.max(predicted.opened, predicted.closed)) return wrong;
  for (const effect of ['opens', 'closes'] as const) {
    const said = predicted.changes.filter((change) => change[effect] !== 'none').filter(isAmongWorkloads);
    const pairs = new Set(said.map(({ source, destination }) => `${source} → ${destination}`));
    const found = pairsOf(snapshot, after, effect);
    const missed = [...found].filter((pair) => !pairs.has(pair));
    const made = [...pairs].filter((pair) => !found.has(pair));
    if (missed.length + made.length > 0) {
      wrong.push(`the fix \`${fix.title}\` ${effect} ${missed.join('; ')} unsaid, not ${made.join('; ')} as said`);
    }
  }
  return wrong;
}

const isWorkload = (name: string): boolean => /^[^/()]+\/[^/()]+$/.test(name) && !/^[\d.]+\/\d+$/.test(name);

function isAmongWorkloads({ source, destination }: Prediction['changes'][number]): boolean {
  return isWorkload(source) && isWorkload(destination);
}

/** Pairs of workloads between which one state lets something through that the other does not. */
function pairsOf(before: CompiledSnapshot, after: CompiledSnapshot, effect: 'opens' | 'closes'): ReadonlySet<string> {
  const objects = objectDrift(factsOf(before.index), factsOf(after.index));
  const { entries } = driftReport({ before, after, objects, reading: 'intended' });
  const types = effect === 'opens' ? ['opened', 'widened', 'changed'] : ['closed', 'narrowed', 'changed'];
  const pairs = entries
    .filter(({ type }) => types.includes(type))
    .flatMap(({ sources, destinations }) =>
      namesOf(sources).flatMap((source) => namesOf(destinations).map((to) => [source, to] as const)),
    );
  return new Set(pairs.filter(([from, to]) => from !== to).map(([from, to]) => `${from} → ${to}`));
}

function namesOf(side: DriftSide | null): readonly string[] {
  return (side?.peers ?? []).filter(({ namespace }) => namespace !== '').map(peerKey);
}

function peerKey({ kind, namespace, name }: DriftPeer): string {
  return `${namespace}/${name}[${kind}]`;
}
