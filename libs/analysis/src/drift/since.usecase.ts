import { Inject, Injectable } from '@nestjs/common';
import { parseInput, reachabilityInput, type SinceInput } from '#contracts';
import {
  ask,
  compileSnapshot,
  objectKey,
  type Answer,
  type CompiledSnapshot,
  type Fact,
  type FlowQuestion,
} from '#engine';
import { DriftRepository, SnapshotRepository, type FactRevision } from '#store';
import type { Provenance } from '../provenance/provenance.js';
import { notFoundError } from '../reachability/can-reach.usecase.js';
import { parseFlowQuestion } from '../reachability/parse-flow-question.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import type { SnapshotPoint } from './drift-answer.js';

/** Since when an answer holds. */
export interface SinceAnswer extends Provenance {
  readonly verdict: Answer['verdict'];
  readonly summary: string;
  /** The snapshot since which it has been so without a break; null when it has been since the oldest that is kept. */
  readonly since: SnapshotPoint | null;
  /** The oldest snapshot that is kept. */
  readonly oldest: SnapshotPoint;
  /** The verdict just before; null for none, or when one of the two did not exist. */
  readonly verdictBefore: Answer['verdict'] | null;
  readonly summaryBefore: string;
  /** How many states were looked at. */
  readonly evaluated: number;
}

/** Policies of these kinds say nothing about pods of other namespaces. */
const OWN_NAMESPACE_ONLY: ReadonlySet<string> = new Set([
  'NetworkPolicy/networking.k8s.io',
  'NetworkPolicy/projectcalico.org',
  'CiliumNetworkPolicy/cilium.io',
]);

/**
 * Since when can one peer reach another? Looks at the states before each change that may matter to the two, newest
 * first, until the verdict differs: a verdict that came, went and came again is told by its last coming.
 */
@Injectable()
export class SinceWhen {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(DriftRepository) private readonly drifts: DriftRepository,
  ) {}

  /** @throws AppError `question.invalid`, `cluster.not_found`, `snapshot.not_found`, `endpoint.not_found`, `port.not_found` */
  async execute(input: SinceInput): Promise<SinceAnswer> {
    const { at: _, ...question } = input;
    const flow = parseFlowQuestion(parseInput(reachabilityInput, question));
    const located = await this.reader.locate(input.cluster, input.at);
    const compiled = await this.reader.compiled(located);
    const askOf: AskOf = (snapshot) => ask(snapshot, flow, located.sees);
    const result = askOf(compiled);
    if (result.type === 'notFound') throw notFoundError(result.error);
    const oldest = await this.oldestOf(located);
    // What the caller does not see matters all the same to when the verdict came.
    const whole = ask(compiled, flow);
    const namespaces = namespacesOf(flow, whole.type === 'answer' ? whole.answer : result.answer);
    const revisions = await this.drifts.revisions(located.cluster.id, oldest.seq, located.snapshot.seq, namespaces);
    const found = search(revisions, askOf, result.answer.verdict, {
      namespaces,
      oldest: oldest.seq,
      newest: located.snapshot.seq,
    });
    const since = found.seq === null ? null : await this.snapshots.at(located.cluster.id, { seq: found.seq });
    return {
      ...located.provenance,
      verdict: result.answer.verdict,
      summary: result.answer.summary,
      since: since === null ? null : { seq: since.seq, takenAt: since.takenAt },
      oldest,
      verdictBefore: found.before?.type === 'answer' ? found.before.answer.verdict : null,
      summaryBefore: found.before === null ? '' : textOf(found.before),
      evaluated: found.evaluated + 1,
    };
  }

  private async oldestOf({ cluster, snapshot }: LocatedSnapshot): Promise<SnapshotPoint> {
    const oldest = await this.snapshots.oldest(cluster.id);
    return { seq: oldest?.seq ?? snapshot.seq, takenAt: oldest?.takenAt ?? snapshot.takenAt };
  }
}

type Asked = ReturnType<typeof ask>;
/** The question, asked of one state in the name of the caller. */
type AskOf = (snapshot: CompiledSnapshot) => Asked;

function textOf(asked: Asked): string {
  return asked.type === 'answer' ? asked.answer.summary : asked.error.message;
}

/** Namespaces whose pods, and whose own policies, can matter. */
function namespacesOf(flow: FlowQuestion, answer: Answer): readonly string[] {
  const named = [flow.source, flow.destination].flatMap((peer) =>
    'namespace' in peer ? [peer.namespace] : peer.type === 'namespace' ? [peer.name] : [],
  );
  const met = answer.flows.flatMap(({ source, destination }) => [source.namespace, destination.namespace]);
  return [...new Set([...named, ...met])].filter((name) => name !== '');
}

function search(
  revisions: readonly FactRevision[],
  askOf: AskOf,
  verdict: Answer['verdict'],
  range: { readonly namespaces: readonly string[]; readonly oldest: number; readonly newest: number },
): { readonly seq: number | null; readonly before: Asked | null; readonly evaluated: number } {
  const relevant = new Set(range.namespaces);
  const cuts = new Set<number>();
  for (const { fact, from, to } of revisions) {
    if (!matters(fact, relevant)) continue;
    if (from > range.oldest && from <= range.newest) cuts.add(from);
    if (to > range.oldest && to <= range.newest) cuts.add(to);
  }
  let evaluated = 0;
  for (const seq of [...cuts].sort((a, b) => b - a)) {
    const before = askOf(stateAt(revisions, seq - 1));
    evaluated += 1;
    if (before.type === 'notFound' || before.answer.verdict !== verdict) return { seq, before, evaluated };
  }
  return { seq: null, before: null, evaluated };
}

function matters({ type, meta }: Fact, namespaces: ReadonlySet<string>): boolean {
  if (type === 'policy' && OWN_NAMESPACE_ONLY.has(`${meta.kind}/${meta.group}`)) return namespaces.has(meta.namespace);
  if (type === 'workload' || type === 'serviceaccount')
    return namespaces.has(meta.namespace) || meta.kind === 'DaemonSet';
  return true;
}

function stateAt(revisions: readonly FactRevision[], seq: number): CompiledSnapshot {
  const facts = new Map<string, Fact>();
  for (const { fact, from, to } of revisions) if (from <= seq && to > seq) facts.set(objectKey(fact.meta), fact);
  return compileSnapshot(facts.values());
}
