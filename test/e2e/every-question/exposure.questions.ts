import type { Place } from './place.js';
import { each, field, get, nodes, peerName, pick, rows, type Question, type Rows, type Told } from './question.js';

const PEER = '{ kind namespace name }';
const REACHED = '{ reached of weight byHop landmarks { name state hop } }';

/** What is open, and what follows when something is taken over. */
export function aboutExposure(place: Place): readonly Question[] {
  return [...blasts(place), exposure(place), waysIn(place), waysInTo(place)];
}

function blasts(place: Place): readonly Question[] {
  const { cluster, from, to, namespace, node, sensitive } = place;
  return [
    {
      title: 'What a taken-over pod reaches, and which policies change that most',
      rest: blast(cluster, { of: from, hops: 2, levers: true, sensitive }),
      graphql: field(
        'blastRadius',
        'BlastRadiusInput',
        { cluster, of: from, hops: 2, levers: true, sensitive },
        '{ reached of weight byHop landmarks { name state hop } levers { levers { title difference } tried candidates } }',
      ),
      command: ['blast', '--cluster', cluster, '--of', from, '--hops', '2', '--levers', '--sensitive', sensitive],
      essence: (answer) => {
        const { levers } = answer as { levers: { levers: Rows; tried: number; candidates: number } };
        return {
          ...reached(answer),
          levers: levers.levers.map(pick('title', 'difference')),
          ...pick('tried', 'candidates')(levers),
        };
      },
    },
    {
      title: 'What a taken-over namespace reaches, and which addresses of other clusters',
      rest: blast(cluster, { of: `namespace:${namespace}`, range: '10.8.0.0/14' }),
      graphql: field(
        'blastRadius',
        'BlastRadiusInput',
        { cluster, of: `namespace:${namespace}`, range: ['10.8.0.0/14'] },
        REACHED,
      ),
      command: ['blast', '--cluster', cluster, '--of', `namespace:${namespace}`, '--range', '10.8.0.0/14'],
      essence: reached,
    },
    {
      title: 'What a taken-over node reaches',
      rest: blast(cluster, { of: `node:${node}` }),
      graphql: field('blastRadius', 'BlastRadiusInput', { cluster, of: `node:${node}` }, REACHED),
      command: ['blast', '--cluster', cluster, '--of', `node:${node}`],
      essence: reached,
    },
    {
      title: 'Who could reach it',
      rest: blast(cluster, { of: to, direction: 'to', hops: 2 }),
      graphql: field(
        'blastRadius',
        'BlastRadiusInput',
        { cluster, of: to, direction: 'TO', hops: 2 },
        `{ reached of targets { peer ${PEER} hop path } }`,
      ),
      command: ['blast', '--cluster', cluster, '--of', to, '--direction', 'to', '--hops', '2'],
      essence: (answer) => ({
        ...pick('reached', 'of')(answer),
        targets: (answer as { targets: Rows }).targets.map(({ peer, ...target }) => ({
          peer: peerName(peer),
          ...pick('hop', 'path')(target),
        })),
      }),
    },
  ];
}

function blast(cluster: string, query: Readonly<Record<string, string | number | boolean>>) {
  return get(`clusters/${cluster}/blast-radius`, query);
}

function reached(answer: unknown): Told {
  const { landmarks } = answer as { landmarks: Rows };
  return {
    ...pick('reached', 'of', 'weight', 'byHop')(answer),
    landmarks: landmarks.map(pick('name', 'state', 'hop')),
  };
}

function exposure({ cluster, namespace }: Place): Question {
  return {
    title: 'What is open: to the internet, to any pod, to pods that do not exist yet; and what no policy protects',
    rest: get(`clusters/${cluster}/exposure`, { of: `namespace:${namespace}`, limit: 100 }),
    graphql: nodes(
      'exposure',
      'ExposureInput',
      { cluster, of: `namespace:${namespace}` },
      `{ peer ${PEER} protected { ingress egress } fromInternet fromAnyPod toInternet fromSelected { selector connections } }`,
    ),
    command: ['expose', '--cluster', cluster, '-n', namespace],
    essence: (answer) =>
      rows(answer).map(({ peer, ...open }) => ({
        peer: peerName(peer),
        ...pick('protected', 'fromInternet', 'fromAnyPod', 'fromSelected', 'toInternet')(open),
      })),
  };
}

function waysIn({ cluster }: Place): Question {
  return {
    title: 'The ways in: LoadBalancer, NodePort, Ingress, Gateway',
    rest: get(`clusters/${cluster}/entry-points`),
    graphql: field('entryPoints', 'EntryPointsInput', { cluster }, '{ items { via listens verdict why } }'),
    command: ['expose', '--cluster', cluster],
    essence: (answer) => each('via', 'listens', 'verdict', 'why')(entryPointsOf(answer)),
  };
}

function waysInTo({ cluster, entered }: Place): Question {
  const asked = { to: entered, client: '203.0.113.7' };
  return {
    title: 'The ways in to one workload, for one client',
    rest: get(`clusters/${cluster}/entry-points`, asked),
    graphql: field(
      'entryPoints',
      'EntryPointsInput',
      { cluster, ...asked },
      '{ items { via listens seenAs verdict } }',
    ),
    command: ['expose', '--cluster', cluster, '--of', entered, '--client', '203.0.113.7'],
    essence: (answer) => each('via', 'listens', 'seenAs', 'verdict')(entryPointsOf(answer)),
  };
}

/** `atlas expose` tells them beside the workloads. */
function entryPointsOf(answer: unknown): unknown {
  return (answer as { readonly entryPoints?: unknown }).entryPoints ?? answer;
}
