import { ask, parsePeer } from '../ask/index.js';
import { canonicalJson, pushTo } from '../base/index.js';
import type { FlowQuestion } from '../ask/index.js';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { kindId, objectKey, TCP } from '../model/index.js';
import type { CniDetection, Diagnostic, Fact } from '../model/index.js';
import { normaliseObject, WATCHED_KINDS } from '../normalise/index.js';
import { factsOf, knownCni, pointsInto, rawNamespace, rawNetworkPolicy, rawPod, SAMPLE_NAMESPACE } from './index.js';

export type Raw = Readonly<Record<string, unknown>>;

/** Each engine whose kinds are read in an order of their own, so that no kind escapes as "not enforced". */
export const CNIS = ['cilium', 'calico', 'antrea', 'aws-vpc-cni', 'ovn-kubernetes', 'gke-dataplane-v2', 'k3s'].map(
  (id) => knownCni(id),
);

/** What has nothing to do with the objects under test: `calm/a` may reach `calm/b` on 80, `calm/c` may not. */
export const CALM = factsOf(
  rawNamespace('calm'),
  rawNamespace(SAMPLE_NAMESPACE),
  rawPod('calm/a', { labels: { role: 'a' }, ip: '10.0.0.1', node: 'calm-1' }),
  rawPod('calm/b', { labels: { role: 'b' }, ip: '10.0.0.2', node: 'calm-2' }),
  rawPod('calm/c', { labels: { role: 'c' }, ip: '10.0.0.3', node: 'calm-1' }),
  rawPod(`${SAMPLE_NAMESPACE}/web`, { labels: { app: 'web', tier: 'a' }, ip: '10.1.0.1', node: 'calm-1' }),
  rawNetworkPolicy('calm/in', {
    podSelector: { matchLabels: { role: 'b' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { role: 'a' } } }], ports: [{ port: 80 }] }],
  }),
);

const QUESTIONS = [
  'calm/a',
  'calm/b',
  `${SAMPLE_NAMESPACE}/web`,
  'service:sample/sample',
  '10.0.0.0/8',
  'host:a.example.com',
  'node:sample',
]
  .map(parsePeer)
  .flatMap((parsed) => ('peer' in parsed ? [parsed.peer] : []));

/** Compares only what fails: a long list has thousands of findings. */
export function checkDiagnostic(found: Diagnostic, object: unknown): void {
  const { code, message, pointer } = found;
  const named = /^[a-z0-9]+(\.[a-z0-9_]+)+$/.test(code);
  if (!named || message === '' || !pointsInto(object, pointer)) {
    throw new Error(`not a code, a message and a pointer into the object: ${code} \`${message}\` ${pointer}`);
  }
}

export function verdicts(snapshot: CompiledSnapshot): readonly string[] {
  const peer = (name: string): FlowQuestion['source'] => ({ type: 'pod', namespace: 'calm', name });
  return ['a', 'c'].flatMap((name) => {
    const question = { source: peer(name), destination: peer('b'), protocol: TCP, port: 80 };
    const result = ask(snapshot, question);
    return result.type === 'answer' ? [result.answer.intended.verdict, result.answer.enforced.verdict] : ['not found'];
  });
}

export const EXPECTED = ['allowed', 'allowed', 'denied', 'denied'];

/** Only objects of the namespace under test are sure to be unrelated: a cluster-wide policy may select anyone. */
function isUnrelated({ meta }: Fact): boolean {
  const watched = WATCHED_KINDS.find((one) => kindId(one) === kindId(meta));
  return watched?.namespaced === true && meta.namespace === SAMPLE_NAMESPACE;
}

/**
 * Normalises, compiles and asks: every diagnostic must point into the object, nothing may throw, and what has nothing to do
 * with the objects must be answered as before.
 */
export function checkHostile(raws: readonly Raw[], cni: CniDetection): void {
  const facts: Fact[] = [];
  const sources = new Map<string, unknown[]>();
  for (const raw of raws) {
    const { fact, diagnostics } = normaliseObject(raw);
    for (const found of diagnostics) checkDiagnostic(found, raw);
    if (fact === null) continue;
    if (canonicalJson(fact).length !== JSON.stringify(fact).length) throw new Error('a fact that is no plain JSON');
    facts.push(fact);
    pushTo(sources, objectKey(fact.meta), raw);
  }
  const snapshot = compileSnapshot([...CALM, ...facts], { cni });
  for (const found of snapshot.diagnostics) {
    if (found.object === null) throw new Error(`a diagnostic of no object: ${found.message}`);
    const named = sources.get(objectKey(found.object));
    // Two objects under test may have one name; the diagnostic is about one of them.
    const about = named?.find((raw) => pointsInto(raw, found.pointer)) ?? named?.[0];
    if (about !== undefined) checkDiagnostic(found, about);
  }
  for (const source of QUESTIONS) {
    for (const destination of QUESTIONS) ask(snapshot, { source, destination, protocol: TCP, port: 80 });
  }
  const answers = verdicts(snapshot).join();
  if (facts.every(isUnrelated) && answers !== EXPECTED.join()) throw new Error(`unrelated pods answer ${answers}`);
}
