import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import type { Declared } from '#checks';
import { AppError, type DriftInput, type DriftStatesInput, type SnapshotAt } from '#contracts';
import {
  compilingSnapshot,
  declaredFacts,
  makingDriftReport,
  objectDrift,
  objectKey,
  renameNamespaces,
  settledFacts,
  visibleDrift,
  type CompiledSnapshot,
  type DriftEntryView,
  type DriftReport,
  type Fact,
  type PolicyFact,
} from '#engine';
import {
  BaselineRepository,
  DriftRepository,
  SnapshotRepository,
  type BaselineRecord,
  type ChangedObject,
} from '#store';
import { runPaced } from '../pacing/paced.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import {
  driftAnswer,
  type ComparedState,
  type DriftAnswer,
  type SnapshotPoint,
  type WorkedOutDrift,
} from './drift-answer.js';
import { noBaseline } from './baselines.usecase.js';
import { givenManifests } from './manifest-input.js';
import { RecentReports } from './recent-reports.js';

const KEPT_REPORTS = 16;

/** A report, and which of its namespaces the caller may know. */
interface Compared {
  readonly drift: WorkedOutDrift;
  readonly sees: (namespace: string) => boolean;
}

/** What differs between two states: two times of one cluster, two clusters, or a cluster and what is declared for it. */
@Injectable()
export class Drift {
  private readonly recent = new RecentReports<WorkedOutDrift>(KEPT_REPORTS);

  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(DriftRepository) private readonly drifts: DriftRepository,
    @Inject(BaselineRepository) private readonly baselines: BaselineRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`, `request.invalid` */
  async execute(input: DriftInput): Promise<DriftAnswer> {
    const { drift, sees } = await this.compared(input);
    return driftAnswer(drift, input, sees, this.cursors);
  }

  /** One entry of a report. @throws AppError `not_found` and what `execute` throws */
  async entry(input: DriftStatesInput, id: string): Promise<DriftEntryView> {
    const { drift, sees } = await this.compared(input);
    const entry = visibleDrift(drift.report, sees).entries.find((each) => each.id === id);
    if (entry !== undefined) return entry;
    throw new AppError(
      'not_found',
      `drift of cluster \`${input.cluster}\` between these states has no entry \`${id}\``,
    );
  }

  private async compared(input: DriftStatesInput): Promise<Compared> {
    const after = await this.reader.locate(input.cluster, input.after, 'after');
    const { against } = input;
    if (input.before === 'baseline') return this.sinceBaseline(after, input);
    if (against?.manifests !== undefined) {
      const { manifests, encoding } = against;
      return { drift: await this.withManifests(after, { manifests, encoding }, input), sees: after.sees };
    }
    const before =
      against?.cluster === undefined
        ? await this.earlier(after, input.before)
        : await this.reader.locate(against.cluster, against.at, 'against/at');
    const drift = await this.between(before, after, input);
    const names = input.namespaces ?? {};
    const seesBoth = (namespace: string): boolean =>
      after.sees(namespace) &&
      (before.cluster.id === after.cluster.id || originalNames(namespace, names).every(before.sees));
    // The cache keeps what was worked out; how old the state is by now is told anew.
    return { drift: { ...drift, ...told(before, after) }, sees: seesBoth };
  }

  /** The report on two snapshots, worked out once. */
  between(
    before: LocatedSnapshot,
    after: LocatedSnapshot,
    options: Pick<DriftInput, 'reading' | 'namespaces'> = {},
  ): Promise<WorkedOutDrift> {
    const { reading = 'enforced', namespaces } = options;
    const scope = [before, after].flatMap(({ cluster, snapshot }) => [cluster.id, snapshot.seq]);
    const key = JSON.stringify([...scope, reading, namespaces]);
    return this.recent.get(key, async () => {
      const { report, when } =
        before.cluster.id === after.cluster.id
          ? await this.ofTimes(before, after, reading)
          : await this.ofPlaces(before, after, reading, namespaces ?? {});
      return { report, when, problems: [], scope: [...scope, reading, namespaces], ...told(before, after) };
    });
  }

  private async ofTimes(before: LocatedSnapshot, after: LocatedSnapshot, reading: DriftReport['reading']) {
    const [from, to] = [before.snapshot.seq, after.snapshot.seq];
    const isForward = from <= to;
    const [was, is, changed] = await Promise.all([
      this.reader.compiled(before),
      this.reader.compiled(after),
      this.drifts.changedObjects(after.cluster.id, Math.min(from, to), Math.max(from, to)),
    ]);
    const sides = changed.map((change) => (isForward ? [change.before, change.after] : [change.after, change.before]));
    const facts = (side: 0 | 1): Fact[] => sides.flatMap((pair) => pair[side] ?? []);
    const objects = objectDrift(facts(0), facts(1));
    return {
      report: await runPaced(makingDriftReport({ before: was, after: is, objects, reading })),
      when: timesOf(changed),
    };
  }

  private async ofPlaces(
    before: LocatedSnapshot,
    after: LocatedSnapshot,
    reading: DriftReport['reading'],
    namespaces: Readonly<Record<string, string>>,
  ) {
    const load = ({ cluster, snapshot }: LocatedSnapshot) => this.snapshots.loadFacts(cluster.id, snapshot.seq);
    const [was, is, there] = await Promise.all([load(before), load(after), this.reader.compiled(after)]);
    const named = renameNamespaces(was, namespaces);
    const isDeclared = before.cluster.source.type !== 'kubeconfig' && before.cluster.source.type !== 'inCluster';
    return {
      report: await compareDeclared(named, is, there, { reading, isDeclared }),
      when: new Map<string, SnapshotPoint>(),
    };
  }

  private async sinceBaseline(after: LocatedSnapshot, input: DriftStatesInput): Promise<Compared> {
    const found = await this.fromBaseline(after, input);
    if (found === null) throw noBaseline(after);
    const { drift } = found;
    // What a file says of objects that the caller may not see is none of its business.
    const visible = after.scope.isWhole ? drift : { ...drift, before: unseen(drift.before), problems: [] };
    return { drift: visible, sees: after.sees };
  }

  /** How far a snapshot is from what its cluster is declared to be; null when nobody declared anything. */
  async fromBaseline(
    after: LocatedSnapshot,
    options: Pick<DriftInput, 'reading'> = {},
  ): Promise<{ readonly name: string; readonly drift: WorkedOutDrift } | null> {
    const baseline = await this.baselines.get(after.cluster.id);
    return baseline === null ? null : { name: baseline.name, drift: await this.since(baseline, after, options) };
  }

  /** What a cluster is declared to be, for its audit: how far policy is from it as it is meant. Null when nobody declared anything. */
  async declared(after: LocatedSnapshot): Promise<Declared | null> {
    const baseline = await this.baselines.get(after.cluster.id);
    if (baseline === null) return null;
    const { name, seq, manifests, encoding } = baseline;
    const { report } = await this.since(baseline, after, { reading: 'intended' });
    const facts =
      manifests === null
        ? await this.snapshots.loadFacts(after.cluster.id, seq ?? after.snapshot.seq)
        : (await givenManifests(manifests, encoding, 'manifests')).facts;
    const policies = facts.filter((fact): fact is PolicyFact => fact.type === 'policy');
    return { name: `baseline ${name}`, policies, report };
  }

  private async since(
    { seq, manifests, encoding, setAt }: BaselineRecord,
    after: LocatedSnapshot,
    options: Pick<DriftInput, 'reading'>,
  ): Promise<WorkedOutDrift> {
    currentAccess().note(`${after.cluster.id}:baseline ${setAt.toISOString()}`);
    if (manifests !== null) return this.withManifests(after, { manifests, encoding }, options);
    const before = await this.reader.locate(after.cluster.id, seq === null ? undefined : { seq });
    return { ...(await this.between(before, after, options)), ...told(before, after) };
  }

  private async withManifests(
    after: LocatedSnapshot,
    given: Pick<BaselineRecord, 'encoding'> & { readonly manifests: string },
    options: Pick<DriftInput, 'reading' | 'namespaces'>,
  ): Promise<WorkedOutDrift> {
    const { manifests, encoding } = given;
    const { reading = 'enforced', namespaces = {} } = options;
    const digest = createHash('sha256').update(manifests).digest('hex');
    const scope = [after.cluster.id, after.snapshot.seq, digest, encoding, reading, namespaces];
    const drift = await this.recent.get(JSON.stringify(scope), async () => {
      const read = await givenManifests(manifests, encoding, 'against/manifests');
      const [is, there] = await Promise.all([
        this.snapshots.loadFacts(after.cluster.id, after.snapshot.seq),
        this.reader.compiled(after),
      ]);
      const named = renameNamespaces(read.facts, namespaces);
      return {
        report: await compareDeclared(named, is, there, { reading, isDeclared: true }),
        before: { type: 'manifests' as const, objects: read.facts.length },
        after: stateOf(after),
        provenance: after.provenance,
        problems: read.problems,
        when: new Map<string, SnapshotPoint>(),
        scope,
      };
    });
    return { ...drift, after: stateOf(after), provenance: after.provenance };
  }

  private async earlier(after: LocatedSnapshot, before: SnapshotAt | undefined): Promise<LocatedSnapshot> {
    const { cluster, snapshot } = after;
    if (before !== undefined) return this.reader.locate(cluster.id, before, 'before');
    const seq = snapshot.seq - 1;
    if (seq < 1 || (await this.snapshots.at(cluster.id, { seq })) === null) {
      const detail =
        snapshot.seq === 1
          ? `nothing has changed in cluster \`${cluster.name}\` since it was first read, so there is no snapshot before: name what to compare it with`
          : `cluster \`${cluster.name}\` has no snapshot ${String(seq)} to compare with: name an earlier one that is kept`;
      throw new AppError('snapshot.not_found', detail, { errors: [{ pointer: '/before', detail }] });
    }
    return this.reader.locate(cluster.id, { seq });
  }
}

/** What is declared, or runs elsewhere, against what runs in a cluster. */
async function compareDeclared(
  before: readonly Fact[],
  after: readonly Fact[],
  compiled: CompiledSnapshot,
  { reading, isDeclared }: { readonly reading: DriftReport['reading']; readonly isDeclared: boolean },
): Promise<DriftReport> {
  const objects = objectDrift(declaredFacts(before), declaredFacts(after));
  // A folder says nothing of the CNI: what is written is judged as the cluster would enforce it.
  const hasOwnPods = before.some(({ type }) => type === 'pod');
  const isSettled = isDeclared && !hasOwnPods;
  const was = await runPaced(
    isSettled ? compilingSnapshot(settledFacts(before, after), { cni: compiled.cni }) : compilingSnapshot(before),
  );
  const matchBy = isSettled ? 'name' : 'workload';
  return runPaced(makingDriftReport({ before: was, after: compiled, objects, reading, matchBy }));
}

/** How many objects a file has is none of the business of who may not see all of them. */
function unseen(state: ComparedState): ComparedState {
  return state.type === 'manifests' ? { ...state, objects: null } : state;
}

function told(before: LocatedSnapshot, after: LocatedSnapshot) {
  return { before: stateOf(before), after: stateOf(after), provenance: joined(before, after) };
}

export function stateOf({ provenance }: LocatedSnapshot): ComparedState {
  return { type: 'snapshot', ...provenance.asOf };
}

/** A comparison knows no more than the less complete of its states. */
function joined(before: LocatedSnapshot, after: LocatedSnapshot): LocatedSnapshot['provenance'] {
  const incomplete = new Map(
    [...before.provenance.completeness.incomplete, ...after.provenance.completeness.incomplete].map((kind) => [
      kind.kind,
      kind,
    ]),
  );
  const kinds = [...incomplete.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  return { ...after.provenance, completeness: { complete: kinds.length === 0, incomplete: kinds } };
}

function originalNames(namespace: string, names: Readonly<Record<string, string>>): readonly string[] {
  const found = Object.entries(names).flatMap(([from, to]) => (to === namespace ? [from] : []));
  return found.length === 0 ? [namespace] : found;
}

function timesOf(changed: readonly ChangedObject[]): ReadonlyMap<string, SnapshotPoint> {
  return new Map(
    changed.flatMap(({ before, after, seq, takenAt }) => {
      const fact = after ?? before;
      return fact === null ? [] : [[objectKey(fact.meta), { seq, takenAt }] as const];
    }),
  );
}
