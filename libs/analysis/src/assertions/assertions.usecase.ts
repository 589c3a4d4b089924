import { Inject, Injectable } from '@nestjs/common';
import { runAsSystem } from '#access';
import { AppError, mistakeWords, type CheckAssertionsInput, type ClusterProblem, type FieldError } from '#contracts';
import {
  checkAssertion,
  type Assertion,
  type AssertionBreach,
  type AssertionOutcome,
  type AssertionResult,
  type DriftCauseView,
  type DriftEntryView,
  type DriftSide,
  type EndpointView,
} from '#engine';
import { readAssertions, type AssertionFile } from '#manifests';
import { AssertionRepository, DeliveryRepository, type AssertionCheck } from '#store';
import { assertionTurned } from '../delivery/notices.js';
import { DriftTimeline } from '../drift/drift-timeline.usecase.js';
import type { SnapshotPoint } from '../drift/drift-answer.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';

/** What came of checking a file of expectations. */
export interface AssertionReport extends Provenance {
  readonly counts: Readonly<Record<AssertionOutcome, number>>;
  readonly results: readonly AssertionResult[];
}

/** An expectation that is kept, and since when it stands as it does; null before its first check. */
export interface KeptAssertion {
  readonly name: string;
  readonly owner: string;
  readonly expect: 'allowed' | 'denied';
  readonly outcome: AssertionOutcome | null;
  readonly since: SnapshotPoint | null;
  readonly result: AssertionResult | null;
}

export interface KeptAssertions extends Provenance {
  /** The file, as it was given; null for who may not see all that it may name. */
  readonly source: string | null;
  readonly updatedAt: Date;
  readonly items: readonly KeptAssertion[];
}

/** Expectations of what can talk to what: checked when asked, and after each snapshot where a cluster keeps a file. */
@Injectable()
export class Assertions {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(AssertionRepository) private readonly kept: AssertionRepository,
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
  ) {}

  /** Checks a file that nobody keeps. @throws AppError `request.invalid`, `cluster.not_found`, `snapshot.not_found` */
  async check(input: CheckAssertionsInput): Promise<AssertionReport> {
    const { assertions } = readFile(input.assertions);
    const located = await this.reader.locate(input.cluster, input.at);
    const compiled = await this.reader.compiled(located);
    const results = assertions.map((assertion) => checkAssertion(compiled, assertion, located.sees));
    return { ...located.provenance, counts: countOutcomes(results), results };
  }

  /** Keeps a file for a cluster, and checks it at once. @throws AppError `request.invalid`, `cluster.not_found` */
  async set(cluster: string, source: string): Promise<KeptAssertions> {
    const { assertions } = readFile(source);
    const located = await this.reader.locate(cluster);
    await this.kept.set(
      located.cluster.id,
      source,
      assertions.map(({ name }) => name),
    );
    // What is kept is checked whole; what of it is told is the caller's part.
    await runAsSystem('assertions', () => this.evaluate(located.cluster.id));
    return this.get(cluster);
  }

  /** @throws AppError `not_found` when the cluster keeps none, `cluster.not_found`, `snapshot.not_found` */
  async get(cluster: string): Promise<KeptAssertions> {
    const located = await this.reader.locate(cluster);
    const set = await this.kept.get(located.cluster.id);
    if (set === null) throw none(located);
    const states = new Map((await this.kept.states(located.cluster.id)).map((state) => [state.name, state]));
    const assertions = readAssertions(set.source, 'assertions').assertions;
    const seen = await this.seenBy(located, assertions);
    const items = assertions.flatMap(({ name, owner, expect }): KeptAssertion[] => {
      const state = states.get(name);
      if (seen !== null && !seen.has(name)) return [];
      if (state === undefined) return [{ name, owner, expect, outcome: null, since: null, result: null }];
      const result = seen?.get(name) ?? (state.result as AssertionResult);
      const since = result.outcome === state.outcome ? { seq: state.sinceSeq, takenAt: state.sinceAt } : null;
      return [{ name, owner, expect, outcome: result.outcome, since, result }];
    });
    const source = seen === null ? set.source : null;
    return { ...located.provenance, source, updatedAt: set.updatedAt, items };
  }

  /** Names of the expectations that the caller may know of; undefined when it may know of all that ever were. */
  async visibleNames(located: LocatedSnapshot): Promise<readonly string[] | undefined> {
    if (located.scope.isWhole) return undefined;
    const set = await this.kept.get(located.cluster.id);
    const seen = set === null ? null : await this.seenBy(located, readAssertions(set.source, 'assertions').assertions);
    return [...(seen?.keys() ?? [])];
  }

  /**
   * What a caller may know of what a cluster keeps: the expectations of which it sees every peer, and what comes of them
   * as far as it sees; null when it sees all.
   */
  private async seenBy(
    located: LocatedSnapshot,
    assertions: readonly Assertion[],
  ): Promise<ReadonlyMap<string, AssertionResult> | null> {
    if (located.scope.isWhole) return null;
    const compiled = await this.reader.compiled(located);
    const results = assertions.map((each) => checkAssertion(compiled, each, located.sees));
    return new Map(results.filter(({ outcome }) => outcome !== 'error').map((result) => [result.name, result]));
  }

  /** @throws AppError `not_found` when the cluster keeps none, `cluster.not_found`, `snapshot.not_found` */
  async remove(cluster: string): Promise<void> {
    const located = await this.reader.locate(cluster);
    if (!(await this.kept.remove(located.cluster.id))) throw none(located);
  }

  /**
   * Checks what a cluster keeps against its newest snapshot. Gives how many turned; what turned is kept with what changed
   * since the snapshot before. @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async evaluate(clusterId: string): Promise<number> {
    const set = await this.kept.get(clusterId);
    if (set === null) return 0;
    const located = await this.reader.locate(clusterId);
    const { snapshot } = located;
    const compiled = await this.reader.compiled(located);
    const results = readAssertions(set.source, 'assertions').assertions.map((each) => checkAssertion(compiled, each));
    const entries = await this.timeline.entriesOf(clusterId, snapshot.seq);
    const byName = new Map(results.map((result) => [result.name, result]));
    const causesOfCheck = ({ name }: AssertionCheck) => causesOf(byName.get(name)?.breaches ?? [], entries);
    const checks = results.map((result) => ({
      name: result.name,
      owner: result.owner,
      outcome: result.outcome,
      result,
    }));
    const at = { seq: snapshot.seq, takenAt: snapshot.takenAt };
    return this.kept.record(clusterId, at, checks, causesOfCheck, (client, eventId, check, causes) =>
      this.deliveries.add(client, assertionTurned(located.cluster, eventId, check, { causes, ...at })),
    );
  }
}

/** What changed the ways that are not as expected; for one that holds again there is no such way. */
function causesOf(breaches: readonly AssertionBreach[], entries: readonly DriftEntryView[]): readonly DriftCauseView[] {
  const found = entries.filter(({ sources, destinations }) =>
    breaches.some(({ source, destination }) => holds(sources, source) && holds(destinations, destination)),
  );
  const causes = new Map(found.flatMap((entry) => entry.causes).map((cause) => [cause.text, cause]));
  return [...causes.values()];
}

function holds(side: DriftSide | null, endpoint: EndpointView | null): boolean {
  if (side === null || endpoint === null) return false;
  return side.peers.some(
    ({ kind, namespace, name }) =>
      namespace === endpoint.namespace && (name === endpoint.name || `${kind} ${name}` === endpoint.workload),
  );
}

function countOutcomes(results: readonly AssertionResult[]): AssertionReport['counts'] {
  const counts = { pass: 0, fail: 0, unknown: 0, error: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** @throws AppError `request.invalid` with one entry for each wrong place, its line in its words */
function readFile(text: string): AssertionFile {
  const file = readAssertions(text, 'assertions');
  const errors = file.problems.map((problem): FieldError => ({ pointer: '/assertions', detail: placed(problem) }));
  if (errors.length === 0) return file;
  throw new AppError('request.invalid', mistakeWords(errors), { errors });
}

function placed({ line, pointer, message }: ClusterProblem): string {
  const place = [line === undefined ? '' : `line ${String(line)}`, pointer ?? ''].filter((part) => part !== '');
  return place.length === 0 ? message : `${place.join(', ')}: ${message}`;
}

function none({ cluster }: LocatedSnapshot): AppError {
  return new AppError('not_found', `cluster \`${cluster.name}\` keeps no assertions, put a file of them first`);
}
