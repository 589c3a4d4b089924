import type { Place } from './place.js';
import { field, pick, post, rows, type Question, type Rows, type Told } from './question.js';

/** Questions about more than one cluster. */
export function aboutManyClusters({ cluster, other, from, to, port }: Place): readonly Question[] {
  const clusters = [cluster, other, 'not-there'];
  const named = clusters.flatMap((name) => ['--cluster', name]);
  return [
    {
      title: 'Where can anything reach a port',
      rest: post('fleet/reachability', { clusters, port }),
      graphql: field('fleet', 'FleetInput', { clusters, port }, '{ items { cluster verdict summary } }'),
      command: ['fleet', ...named, '--port', String(port)],
      essence: byCluster,
    },
    {
      title: 'Which clusters let one reach the other, each told as it answers',
      rest: post('fleet/reachability?format=ndjson', { clusters, from, to, port }),
      graphql: field('fleet', 'FleetInput', { clusters, from, to, port }, '{ items { cluster verdict summary } }'),
      command: ['fleet', ...named, '--from', from, '--to', to, '--port', String(port)],
      essence: byCluster,
    },
    {
      title: 'From one cluster to another',
      rest: post('paths', { from: { cluster, peer: from }, to: { cluster: other, peer: to }, port }),
      graphql: field(
        'crossCluster',
        'CrossClusterInput',
        { from: { cluster, peer: from }, to: { cluster: other, peer: to }, port },
        '{ verdict routes { kind target verdict } }',
      ),
      command: ['path', `${cluster}:${from}`, `${other}:${to}`, '--port', String(port)],
      essence: (answer) => ({
        ...pick('verdict')(answer),
        routes: ((answer as Told)['routes'] as Rows).map(pick('kind', 'target', 'verdict')),
      }),
    },
  ];
}

/** They come in any order; the last line of a stream is about all of them. */
function byCluster(answer: unknown): unknown {
  return rows(answer)
    .filter(({ type }) => type !== 'end')
    .map(({ cluster, verdict, summary, message }) => ({
      cluster,
      verdict: verdict ?? null,
      summary: summary ?? message,
    }))
    .sort((a, b) => (String(a.cluster) < String(b.cluster) ? -1 : 1));
}
