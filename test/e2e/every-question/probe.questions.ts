import type { Place } from './place.js';
import { field, pick, post, type Question, type Rows, type Told } from './question.js';

const PLAN = '{ script probes { id predicted lines { command prints } } }';

/** Answers and differences, tried out in the cluster. */
export function aboutProbes({ cluster, from, to, port, entry, seen }: Place): readonly Question[] {
  const asked = { cluster, from, to, port };
  const flags = ['--cluster', cluster, '--from', from, '--to', to, '--port', String(port)];
  return [
    {
      title: 'The commands that verify an answer',
      rest: post('probes', asked),
      graphql: field('probePlan', 'ProbePlanInput', asked, PLAN),
      command: ['probe', ...flags],
      essence: plan,
    },
    {
      title: 'The commands that verify a difference',
      rest: post('probes', { cluster, drift: { entry, before: 1 } }),
      graphql: field('probePlan', 'ProbePlanInput', { cluster, drift: { entry, before: '1' } }, PLAN),
      command: ['probe', '--cluster', cluster, '--entry', entry, '--before', '1'],
      essence: plan,
    },
    {
      title: 'What was seen against what was predicted',
      rest: post('probes/results', { ...asked, results: seen }),
      graphql: field(
        'judgeProbes',
        'ProbeResultsInput',
        { ...asked, results: seen },
        '{ results { id predicted observed agrees hints } }',
      ),
      command: ['probe', ...flags, '--results', 'seen.txt'],
      essence: (answer) =>
        ((answer as Told)['results'] as Rows).map(pick('id', 'predicted', 'observed', 'agrees', 'hints')),
    },
  ];
}

function plan(answer: unknown): unknown {
  const { script, probes } = answer as { readonly script: string; readonly probes: Rows };
  return { probes: probes.map(pick('id', 'predicted', 'lines')), script: script.split('\n') };
}
