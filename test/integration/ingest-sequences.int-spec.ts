import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type Fact, normaliseObject } from '#engine';
import { IngestPipeline, INGEST_SETTINGS, type SourceEvent } from '#ingest';
import type { SnapshotRepository } from '#store';
import { silentLog } from '#telemetry';

import type { TestDatabase } from '../support/database.js';
import { createSnapshotRows, type SnapshotRows } from '../support/snapshot-rows.js';

const fact = (kind: string, name: string, labels: Record<string, string> = {}): Fact => {
  const apiVersion = kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : 'v1';
  const metadata = kind === 'Namespace' ? { name, labels } : { name, namespace: 'shop', labels };
  const result = normaliseObject({ apiVersion, kind, metadata, spec: { podSelector: {}, containers: [] } });
  if (!result.fact) throw new Error(`${kind} ${name} is no fact`);
  return result.fact;
};

/** The states of a small cluster's life. Each is the full truth at its time. */
const STATES: readonly (readonly Fact[])[] = [
  [],
  [fact('Namespace', 'shop')],
  [fact('Namespace', 'shop'), fact('Pod', 'web'), fact('Pod', 'api')],
  [fact('Namespace', 'shop'), fact('Pod', 'web'), fact('Pod', 'api'), fact('NetworkPolicy', 'deny')],
  [fact('Namespace', 'shop', { team: 'a' }), fact('Pod', 'web', { app: 'web' }), fact('NetworkPolicy', 'deny')],
  // An object that cannot be read: a label that is no text.
  [fact('Namespace', 'shop'), fact('Pod', 'web', { app: 7 as unknown as string }), fact('NetworkPolicy', 'deny')],
  [fact('Pod', 'web'), fact('NetworkPolicy', 'other')],
];
const KINDS = ['Namespace', 'Pod', 'NetworkPolicy.networking.k8s.io'];
const idOf = (one: Fact): string => (one.meta.kind === 'NetworkPolicy' ? KINDS[2] : one.meta.kind) as string;
const keyOf = (one: Fact): string => `${idOf(one)} ${one.meta.name}`;

const lists = (state: readonly Fact[]): SourceEvent[] =>
  KINDS.map((kind) => ({
    type: 'list',
    kind,
    facts: state.filter((one) => idOf(one) === kind),
    problems: [],
    complete: true,
  }));

/** The events by which a watch tells of the way from one state to the next. */
function changes(from: readonly Fact[], to: readonly Fact[]): SourceEvent[] {
  const before = new Set(from.map(keyOf));
  const after = new Set(to.map(keyOf));
  const puts = to.map((one): SourceEvent => ({ type: 'change', kind: idOf(one), ref: one.meta, fact: one }));
  const gone = from.filter((one) => !after.has(keyOf(one)));
  const deletes = gone.map((one): SourceEvent => ({ type: 'change', kind: idOf(one), ref: one.meta, fact: null }));
  return before.size === 0 ? puts : [...puts, ...deletes];
}

type Path = (states: readonly (readonly Fact[])[]) => SourceEvent[][];
const watched = (states: readonly (readonly Fact[])[]): SourceEvent[][] => [
  lists(states[0] ?? []),
  ...states.slice(1).map((state, index) => changes(states[index] ?? [], state)),
];
/** Batches of events; each batch is stored before the next begins. */
const PATHS: Record<string, Path> = {
  'listed once at the end': (states) => [lists(states.at(-1) ?? [])],
  'watched step by step': watched,
  'listed at every step': (states) => states.map(lists),
  'with an empty cluster between the steps': (states) => states.flatMap((state) => [lists([]), lists(state)]),
  'each event by itself': (states) => watched(states).flatMap((batch) => batch.map((event) => [event])),
  'everything at once': (states) => [watched(states).flat()],
  'every event twice': (states) => watched(states).map((batch) => batch.flatMap((event) => [event, event])),
  'with deletes of what is not there': (states) => {
    const ghost: SourceEvent = { type: 'change', kind: 'Pod', ref: fact('Pod', 'ghost').meta, fact: null };
    return watched(states).map((batch) => [ghost, ...batch, ghost]);
  },
  'with kinds in reverse order': (states) =>
    watched(states).map((batch) => [...batch].sort((a, b) => ('kind' in a && 'kind' in b && a.kind < b.kind ? 1 : -1))),
  'backwards and forwards again': (states) => [...watched([...states].reverse()), ...watched(states)],
};

describe('state sequences through the pipeline into the database (1, 2, 3, 6)', () => {
  let db: TestDatabase;
  let snapshots: SnapshotRepository;
  let newCluster: SnapshotRows['newCluster'];
  beforeAll(async () => {
    ({ test: db, snapshots, newCluster } = await createSnapshotRows());
  });
  afterAll(() => db.drop());

  async function play(
    batches: readonly (readonly SourceEvent[])[],
  ): Promise<{ digest: string; seq: number; id: string }> {
    const id = await newCluster();
    for (const batch of batches) {
      const pipeline = new IngestPipeline(id, snapshots, INGEST_SETTINGS, silentLog, {
        positions: () => null,
        onStored: () => undefined,
        onStoreFault: (error) => {
          if (error !== null) throw new Error('the batch could not be stored', { cause: error });
        },
        onGone: () => undefined,
      });
      for (const event of batch) pipeline.accept(event);
      await pipeline.close();
    }
    const latest = await snapshots.latest(id);
    return { digest: latest?.digest ?? '', seq: latest?.seq ?? 0, id };
  }

  const sequences = STATES.map((_, end) => STATES.slice(0, end + 1)).concat([[...STATES].reverse()]);
  it.each(Object.entries(PATHS))('%s', async (_name, path) => {
    for (const states of sequences) {
      const direct = await play([lists(states.at(-1) ?? [])]);
      const found = await play(path(states));
      expect(found.digest).toBe(direct.digest);
      const stored = await snapshots.loadFacts(found.id, found.seq);
      expect(stored.map((one) => `${one.type} ${keyOf(one)}`).sort()).toEqual(
        (states.at(-1) ?? []).map((one) => `${one.type} ${keyOf(one)}`).sort(),
      );
    }
  });

  it('writes no snapshot for what says nothing new', async () => {
    const state = STATES[3] ?? [];
    const { seq } = await play([lists(state), lists(state), changes(state, state), []]);
    expect(seq).toBe(1);
  });
});
