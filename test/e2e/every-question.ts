import type { Doors } from './doors.js';

/** What the questions are about, in one cluster. */
export interface Place {
  readonly cluster: string;
  /** Another one, with the same peers. */
  readonly other: string;
  readonly namespace: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** A pod that nobody has made yet and that reaches `to`. */
  readonly next: string;
  /** A policy of `namespace` that isolates what `to` is, and a change of it that lets everyone in. */
  readonly opened: string;
}

type Told = Readonly<Record<string, unknown>>;
export type Rows = readonly Told[];

/** One question by each door, and the part of the answers that must be the same. */
export interface Question {
  readonly rest: () => Promise<unknown>;
  readonly graphql: () => Promise<unknown>;
  readonly command: () => Promise<unknown>;
  readonly essence: (answer: unknown) => unknown;
}

const rows = (answer: unknown): Rows => (Array.isArray(answer) ? answer : ((answer as Told)['items'] as Rows));
const pick =
  (...names: readonly string[]) =>
  (answer: unknown): unknown =>
    Object.fromEntries(names.map((name) => [name, (answer as Told)[name]]));
const each =
  (...names: readonly string[]) =>
  (answer: unknown): unknown =>
    rows(answer).map(pick(...names));
const counts = (answer: unknown): unknown => {
  const { dangerous, breaking, entries } = (answer as Told)['summary'] as Told;
  return { dangerous, breaking, entries };
};

const PEER = '{ kind namespace name }';

/** Every question about a place. `file` gives the path of what the command line reads from files. */
export function questions(
  doors: Doors,
  place: Place,
  file: (name: string) => string,
): Readonly<Record<string, Question>> {
  const { cluster, other, namespace, from, to, port, next } = place;
  const at = `clusters/${cluster}`;
  const of = ['--cluster', cluster];
  const pair = { from, to, port };
  const flags = ['--from', from, '--to', to, '--port', String(port)];
  const query = new URLSearchParams({ cluster, from, to, port: String(port) }).toString();
  return {
    'many at once': {
      rest: () =>
        doors.rest('POST', 'reachability/batch', {
          items: [
            { cluster, ...pair },
            { cluster, ...pair, to: 'no/body' },
          ],
        }),
      graphql: () =>
        doors.field(
          'canReachBatch',
          'query ($items: [CanReachBatchInput!]!) { canReachBatch(items: $items) { answer { verdict summary } problem { detail: message } } }',
          { items: [{ question: { cluster, ...pair } }, { question: { cluster, ...pair, to: 'no/body' } }] },
        ),
      command: () => doors.command('batch', file('questions.jsonl'), ...of),
      essence: (answer) =>
        rows(answer).map((item) => {
          const { answer: told, problem } = item as { answer: Told | null; problem: Told | null };
          return [told?.['verdict'], told?.['summary'], problem?.['detail']];
        }),
    },
    'what can talk to what': {
      rest: () =>
        doors.rest('GET', `${at}/connections?by=workload&focus=namespace:${namespace}&outside=false&limit=100`),
      graphql: () =>
        doors.field(
          'connections',
          `query ($input: ConnectionsInput!) { connections(input: $input, first: 100) { edges { node { source ${PEER} destination ${PEER} connections pairs of } } } }`,
          { input: { cluster, by: 'WORKLOAD', focus: `namespace:${namespace}`, outside: false } },
        ),
      command: async () => rows(await doors.command('list', ...of, '-n', namespace, '--no-outside')).slice(0, 100),
      essence: each('source', 'destination', 'connections', 'pairs', 'of'),
    },
    'a pod of the next release': {
      rest: () => doors.rest('GET', `${at}/connections?from=${next}&to=${to}`),
      graphql: () =>
        doors.field(
          'connections',
          `query ($input: ConnectionsInput!) { connections(input: $input) { edges { node { source ${PEER} destination ${PEER} connections } } } }`,
          { input: { cluster, from: next, to } },
        ),
      command: () => doors.command('list', ...of, '--from', next, '--to', to),
      essence: each('source', 'destination', 'connections'),
    },
    'a matrix of namespaces': {
      rest: () => doors.rest('GET', `${at}/connections/matrix?by=namespace&outside=false`),
      graphql: () =>
        doors.graphql(
          'connectionMatrix',
          'ConnectionsOverviewInput',
          { cluster, by: 'NAMESPACE', outside: false },
          '{ cells { pairs of } }',
        ),
      command: async () => ({
        cells: await doors.command('list', ...of, '--by', 'namespace', '--no-outside', '--matrix'),
      }),
      essence: (answer) => ((answer as Told)['cells'] as Rows).map(pick('pairs', 'of')),
    },
    'a picture of namespaces': {
      rest: () => doors.text(`${at}/connections/graph?by=namespace&outside=false&format=svg`),
      graphql: async () =>
        (
          (await doors.graphql(
            'connectionGraph',
            'ConnectionsOverviewInput',
            { cluster, by: 'NAMESPACE', outside: false },
            '{ drawn(format: SVG) }',
          )) as Told
        )['drawn'],
      command: () => doors.printed('list', ...of, '--by', 'namespace', '--no-outside', '-o', 'svg'),
      // The server names the snapshot in the title.
      essence: (answer) => [...String(answer).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].slice(1).map(([, text]) => text),
    },
    'who reaches it': {
      rest: () => doors.rest('GET', `${at}/connections?to=${to}&port=${String(port)}&limit=100`),
      graphql: () =>
        doors.field(
          'connections',
          `query ($input: ConnectionsInput!) { connections(input: $input, first: 100) { edges { node { source ${PEER} destination ${PEER} connections } } } }`,
          { input: { cluster, to, port } },
        ),
      command: async () =>
        ((await doors.command('who', ...of, '--to', to, '--port', String(port))) as Told)['connections'],
      essence: each('source', 'destination', 'connections'),
    },
    'ways in': {
      rest: () => doors.rest('GET', `${at}/entry-points`),
      graphql: () =>
        doors.graphql('entryPoints', 'EntryPointsInput', { cluster }, '{ items { via listens verdict why } }'),
      command: async () => ((await doors.command('expose', ...of)) as Told)['entryPoints'],
      essence: each('via', 'listens', 'verdict', 'why'),
    },
    'what is open': {
      rest: () => doors.rest('GET', `${at}/exposure?of=namespace:${namespace}&limit=100`),
      graphql: () =>
        doors.field(
          'exposure',
          `query ($input: ExposureInput!) { exposure(input: $input, first: 100) { edges { node { peer ${PEER} protected { ingress egress } fromInternet fromAnyPod toInternet } } } }`,
          { input: { cluster, of: `namespace:${namespace}` } },
        ),
      command: async () => ((await doors.command('expose', ...of, '-n', namespace)) as Told)['exposure'],
      essence: each('peer', 'protected', 'fromInternet', 'fromAnyPod', 'toInternet'),
    },
    why: {
      rest: () => doors.rest('POST', 'why', { cluster, ...pair }),
      graphql: async () => {
        const why = (await doors.graphql(
          'why',
          'CanReachInput',
          { cluster, ...pair },
          '{ answer { verdict reason summary } fixes { title manifest prediction { opened closed } } }',
        )) as Told;
        return { ...(why['answer'] as Told), fixes: why['fixes'] };
      },
      command: () => doors.command('why', ...of, ...flags),
      essence: (answer) => {
        const fixes = (answer as { fixes: Rows }).fixes.map(({ title, manifest, prediction }) => {
          const { opened, closed } = (prediction ?? {}) as Told;
          return { title, manifest, opened, closed };
        });
        return [pick('verdict', 'reason', 'summary')(answer), fixes];
      },
    },
    'blast radius': {
      rest: () => doors.rest('GET', `${at}/blast-radius?of=${from}&hops=2&levers=true&sensitive=app%3Ddb`),
      graphql: () =>
        doors.graphql(
          'blastRadius',
          'BlastRadiusInput',
          { cluster, of: from, hops: 2, levers: true, sensitive: 'app=db' },
          '{ reached of weight byHop landmarks { name state hop } levers { levers { title difference } tried candidates } }',
        ),
      command: () => doors.command('blast', ...of, '--of', from, '--hops', '2', '--levers', '--sensitive', 'app=db'),
      essence: (answer) => {
        const { landmarks, levers } = answer as { landmarks: Rows; levers: { levers: Rows; tried: number } };
        return [
          pick('reached', 'of', 'weight', 'byHop')(answer),
          landmarks.map(pick('name', 'state', 'hop')),
          levers.levers.map(pick('title', 'difference')),
          levers.tried,
        ];
      },
    },
    'who could reach what is lost': {
      rest: () => doors.rest('GET', `${at}/blast-radius?of=${to}&direction=to`),
      graphql: () =>
        doors.graphql(
          'blastRadius',
          'BlastRadiusInput',
          { cluster, of: to, direction: 'TO' },
          `{ reached of targets { peer ${PEER} hop path } }`,
        ),
      command: () => doors.command('blast', ...of, '--of', to, '--direction', 'to'),
      essence: (answer) => [
        pick('reached', 'of')(answer),
        (answer as { targets: Rows }).targets.map(pick('peer', 'hop', 'path')),
      ],
    },
    assertions: {
      rest: () => doors.rest('POST', 'assertions/check', { cluster, assertions: expectations(place) }),
      graphql: () =>
        doors.graphql(
          'checkAssertions',
          'CheckAssertionsInput',
          { cluster, assertions: expectations(place) },
          '{ results { name outcome checked broken } }',
        ),
      command: () => doors.command('test', ...of, '--file', file('assertions.yaml')),
      essence: (answer) => ((answer as Told)['results'] as Rows).map(pick('name', 'outcome', 'checked', 'broken')),
    },
    'the expectations that are kept': {
      rest: () => doors.rest('PUT', `${at}/assertions`, { assertions: expectations(place) }),
      graphql: () =>
        doors.field(
          'assertions',
          'query ($cluster: String!) { assertions(cluster: $cluster) { items { name outcome since { seq } } } }',
          { cluster },
        ),
      command: () => doors.command('assertions get', cluster),
      essence: (answer) => rows(answer).map(({ name, outcome, since }) => [name, outcome, (since as Told)['seq']]),
    },
    'the commands that verify it': {
      rest: () => doors.rest('POST', 'probes', { cluster, ...pair }),
      graphql: () =>
        doors.graphql('probePlan', 'ProbePlanInput', { cluster, ...pair }, '{ script probes { id predicted } }'),
      command: () => doors.command('probe', ...of, ...flags),
      essence: (answer) => [
        (answer as Told)['script'],
        ((answer as Told)['probes'] as Rows).map(pick('id', 'predicted')),
      ],
    },
    'what two clusters differ in': {
      rest: () => doors.rest('POST', 'drift', { cluster, against: { cluster: other } }),
      graphql: () =>
        doors.graphql(
          'drift',
          'DriftInput',
          { cluster, against: { cluster: other } },
          '{ ... on Drift { summary { dangerous breaking entries } } }',
        ),
      command: () => doors.command('diff', `cluster:${other}`, `cluster:${cluster}`),
      essence: counts,
    },
    'what differs from what is declared': {
      rest: () => doors.rest('GET', `drift?cluster=${cluster}&before=baseline`),
      graphql: () =>
        doors.graphql(
          'drift',
          'DriftInput',
          { cluster, from: 'baseline' },
          '{ ... on Drift { summary { dangerous breaking entries } } }',
        ),
      command: () => doors.command('diff', `cluster:${cluster}@baseline`),
      essence: counts,
    },
    'what is declared': {
      rest: () => doors.rest('GET', `${at}/baseline`),
      graphql: () =>
        doors.field('baseline', 'query ($cluster: String!) { baseline(cluster: $cluster) { name snapshot { seq } } }', {
          cluster,
        }),
      command: () => doors.command('baseline get', cluster),
      essence: (answer) => [(answer as Told)['name'], ((answer as Told)['snapshot'] as Told)['seq']],
    },
    'what a change would do': {
      rest: () =>
        doors.rest('POST', 'what-if', { cluster, apply: place.opened, flows: [{ src: from, dst: to, port }] }),
      graphql: () =>
        doors.graphql(
          'whatIf',
          'WhatIfInput',
          { cluster, apply: place.opened, flows: [{ src: from, dst: to, port }] },
          '{ ... on Drift { summary { dangerous breaking entries } flows { effect } } }',
        ),
      command: () => doors.command('whatif', ...of, '--apply', file('opened.yaml'), '--flows', file('flows.jsonl')),
      essence: (answer) => {
        const { flows } = answer as { flows: Rows | { affected: Rows } };
        return [counts(answer), ('affected' in flows ? flows.affected : flows).map(pick('effect'))];
      },
    },
    'what changed, stretch by stretch': {
      rest: () => doors.rest('GET', `${at}/drift`),
      graphql: () =>
        doors.field(
          'driftTimeline',
          'query ($cluster: String!) { driftTimeline(cluster: $cluster) { edges { node { dangerous breaking objects } } } }',
          { cluster },
        ),
      command: () => doors.command('timeline', ...of),
      essence: each('dangerous', 'breaking', 'objects'),
    },
    'since when': {
      rest: () => doors.rest('GET', `reachability/since?${query}`),
      graphql: () =>
        doors.graphql('reachableSince', 'SinceInput', { cluster, ...pair }, '{ verdict summary oldest { seq } }'),
      command: () => doors.command('since', ...of, ...flags),
      essence: (answer) => [pick('verdict', 'summary')(answer), ((answer as Told)['oldest'] as Told)['seq']],
    },
    'the same of every cluster': {
      rest: () => doors.rest('POST', 'fleet/reachability', { clusters: [cluster, other], port }),
      graphql: () =>
        doors.graphql(
          'fleet',
          'FleetInput',
          { clusters: [cluster, other], port },
          '{ items { cluster verdict summary } }',
        ),
      command: () => doors.command('fleet', ...of, '--cluster', other, '--port', String(port)),
      essence: (answer) =>
        rows(answer)
          .map((row) => JSON.stringify(pick('cluster', 'verdict', 'summary')(row)))
          .sort(),
    },
    'from one cluster to another': {
      rest: () =>
        doors.rest('POST', 'paths', { from: { cluster, peer: from }, to: { cluster: other, peer: to }, port }),
      graphql: () =>
        doors.graphql(
          'crossCluster',
          'CrossClusterInput',
          { from: { cluster, peer: from }, to: { cluster: other, peer: to }, port },
          '{ verdict routes { kind target verdict } }',
        ),
      command: () => doors.command('path', `${cluster}:${from}`, `${other}:${to}`, '--port', String(port)),
      essence: (answer) => [
        (answer as Told)['verdict'],
        ((answer as Told)['routes'] as Rows).map(pick('kind', 'target', 'verdict')),
      ],
    },
  };
}

/** A file of two expectations, of which the first holds where `to` is closed. */
export function expectations({ from, to, port }: Place): string {
  return JSON.stringify({
    assertions: [
      { name: 'as it is', from, to, port, expect: 'denied' },
      { name: 'not as it is', from, to, port, expect: 'allowed' },
    ],
  });
}
