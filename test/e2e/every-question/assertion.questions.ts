import { expectations, type Place } from './place.js';
import { field, get, ofCluster, pick, post, rows, type Question, type Rows, type Told } from './question.js';

/** Expectations: checked once, and kept. */
export function aboutAssertions(place: Place): readonly Question[] {
  const { cluster } = place;
  const assertions = expectations(place);
  const at = `clusters/${cluster}/assertions`;
  return [
    {
      title: 'Is it as we expect',
      rest: post('assertions/check', { cluster, assertions }),
      graphql: field(
        'checkAssertions',
        'CheckAssertionsInput',
        { cluster, assertions },
        '{ results { name outcome checked broken } }',
      ),
      command: ['test', '--cluster', cluster, '--file', 'assertions.json'],
      essence: (answer) => ((answer as Told)['results'] as Rows).map(pick('name', 'outcome', 'checked', 'broken')),
    },
    {
      title: 'The same for what reads JUnit',
      rest: post('assertions/check?format=junit', { cluster, assertions }),
      graphql: field('checkAssertions', 'CheckAssertionsInput', { cluster, assertions }, '{ junit }'),
      command: ['test', '--cluster', cluster, '--file', 'assertions.json', '-o', 'junit'],
      essence: (answer) => (typeof answer === 'string' ? answer : String((answer as Told)['junit'])).trim().split('\n'),
    },
    {
      title: 'Expectations that are kept, and checked after each snapshot',
      rest: { method: 'PUT', path: at, body: { assertions } },
      graphql: ofCluster('assertions', cluster, '{ items { name outcome since { seq } } }'),
      command: ['assertions', 'get', cluster],
      essence: (answer) =>
        rows(answer).map(({ name, outcome, since }) => ({ name, outcome, ...pick('seq')(since as Told) })),
    },
    {
      title: 'When one of them broke, and what broke it',
      rest: get(`${at}/events`),
      graphql: ofCluster('assertionEvents', cluster, '{ items { name before after at { seq } causes { text } } }'),
      command: ['assertions', 'events', cluster],
      essence: (answer) =>
        rows(answer).map(({ at: when, causes, ...turn }) => ({
          ...pick('name', 'before', 'after')(turn),
          ...pick('seq')(when as Told),
          causes: (causes as Rows).map(({ text }) => text),
        })),
    },
  ];
}
