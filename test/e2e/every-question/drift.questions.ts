import type { Place } from './place.js';
import { each, field, get, ofCluster, pick, post, type Question, type Rows, type Told } from './question.js';

const SUMMARY = '{ ... on Drift { summary { dangerous breaking entries } } }';
const ENTRIES =
  '{ ... on Drift { summary { dangerous breaking entries } entries { edges { node { id type summary causes { text } } } } } }';

/** What changed, and what would. */
export function aboutDrift(place: Place): readonly Question[] {
  return [...drifts(place), ...times(place), ...changes(place)];
}

function drifts(place: Place): readonly Question[] {
  const { cluster, other, declared } = place;
  return [
    {
      title: 'What changed between two times, and because of what',
      rest: get('drift', { cluster, before: 1, after: 2 }),
      graphql: field('drift', 'DriftInput', { cluster, before: '1', after: '2' }, ENTRIES),
      command: ['diff', `cluster:${cluster}@1`, `cluster:${cluster}@2`],
      essence: (answer) => ({ ...counts(answer), entries: entriesOf(answer) }),
    },
    {
      title: 'What two clusters differ in, with a namespace under another name',
      rest: post('drift', { cluster, against: { cluster: other }, namespaces: { 'not-there': place.namespace } }),
      graphql: field(
        'drift',
        'DriftInput',
        { cluster, against: { cluster: other }, namespaces: [{ from: 'not-there', to: place.namespace }] },
        SUMMARY,
      ),
      command: ['diff', `cluster:${other}`, `cluster:${cluster}`, '--map-namespace', `not-there=${place.namespace}`],
      essence: counts,
    },
    {
      title: 'What runs beyond what a folder says',
      rest: post('drift', { cluster, against: { manifests: declared } }),
      graphql: field('drift', 'DriftInput', { cluster, against: { manifests: declared } }, SUMMARY),
      command: ['diff', 'declared.yaml', `cluster:${cluster}`],
      essence: counts,
    },
    {
      title: 'What differs from the baseline',
      rest: get('drift', { cluster, before: 'baseline' }),
      graphql: field('drift', 'DriftInput', { cluster, before: 'baseline' }, SUMMARY),
      command: ['diff', `cluster:${cluster}@baseline`],
      essence: counts,
    },
    {
      title: 'What the baseline is',
      rest: get(`clusters/${cluster}/baseline`),
      graphql: ofCluster('baseline', cluster, '{ name snapshot { seq } }'),
      command: ['baseline', 'get', cluster],
      essence: (answer) => ({ ...pick('name')(answer), ...pick('seq')((answer as Told)['snapshot']) }),
    },
  ];
}

function times({ cluster, from, to, port }: Place): readonly Question[] {
  return [
    {
      title: 'What changed, snapshot by snapshot',
      rest: get(`clusters/${cluster}/drift`),
      graphql: ofCluster('driftTimeline', cluster, '{ edges { node { dangerous breaking objects } } }'),
      command: ['timeline', '--cluster', cluster],
      essence: each('dangerous', 'breaking', 'objects'),
    },
    {
      title: 'Since when',
      rest: get('reachability/since', { cluster, from, to, port }),
      graphql: field('reachableSince', 'SinceInput', { cluster, from, to, port }, '{ verdict summary oldest { seq } }'),
      command: ['since', '--cluster', cluster, '--from', from, '--to', to, '--port', String(port)],
      essence: (answer) => ({
        ...pick('verdict', 'summary')(answer),
        oldest: ((answer as Told)['oldest'] as Told)['seq'],
      }),
    },
  ];
}

function changes(place: Place): readonly Question[] {
  const { cluster, from, to, port, opened, removed } = place;
  const flows = [{ src: from, dst: to, port }];
  return [
    {
      title: 'What a change would do, and to which flows that were seen',
      rest: post('what-if', { cluster, apply: opened, flows }),
      graphql: field(
        'whatIf',
        'WhatIfInput',
        { cluster, apply: opened, flows },
        '{ ... on Drift { summary { dangerous breaking entries } flows { effect } } }',
      ),
      command: ['whatif', '--cluster', cluster, '--apply', 'opened.yaml', '--flows', 'flows.jsonl'],
      essence: (answer) => {
        const told = (answer as { flows: Rows | { affected: Rows } }).flows;
        return { ...counts(answer), flows: ('affected' in told ? told.affected : told).map(pick('effect')) };
      },
    },
    {
      title: 'What taking a policy away would do',
      rest: post('what-if', { cluster, remove: removed }),
      graphql: field('whatIf', 'WhatIfInput', { cluster, remove: removed }, SUMMARY),
      command: ['whatif', '--cluster', cluster, '--remove', 'removed.yaml'],
      essence: counts,
    },
    {
      title: 'What putting the staged policies in force would do',
      rest: post('what-if', { cluster, promote: 'all' }),
      graphql: field('whatIf', 'WhatIfInput', { cluster, promoteAll: true }, ENTRIES),
      command: ['whatif', '--cluster', cluster, '--promote', 'all'],
      essence: (answer) => ({ ...counts(answer), entries: entriesOf(answer) }),
    },
    {
      title: 'The same for a comment of a pull request',
      rest: post('what-if?format=md', { cluster, apply: opened, flows }),
      graphql: field('whatIf', 'WhatIfInput', { cluster, apply: opened, flows }, '{ ... on Drift { markdown } }'),
      command: ['whatif', '--cluster', cluster, '--apply', 'opened.yaml', '--flows', 'flows.jsonl', '-o', 'md'],
      essence: (answer) =>
        (typeof answer === 'string' ? answer : String((answer as Told)['markdown'])).trim().split('\n'),
    },
  ];
}

function counts(answer: unknown): Told {
  return pick('dangerous', 'breaking', 'entries')((answer as Told)['summary']);
}

function entriesOf(answer: unknown): unknown {
  const { entries } = answer as { readonly entries: Rows | { readonly items: Rows } };
  return ('items' in entries ? entries.items : entries).slice(0, 25).map(({ causes, ...entry }) => ({
    ...pick('type', 'summary')(entry),
    because: (causes as Rows).map(({ text }) => text),
  }));
}
