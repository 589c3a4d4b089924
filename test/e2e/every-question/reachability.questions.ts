import type { Place } from './place.js';
import { field, get, nodes, peerName, pick, post, rows, type Question, type Rows, type Told } from './question.js';

const PEER = '{ kind namespace name }';
const ROW = `{ source ${PEER} destination ${PEER} connections pairs of }`;
const REACHABILITY = '{ ... on Reachability { verdict reason summary } }';

/** Can it, what can, who can, and why. */
export function aboutReachability(place: Place): readonly Question[] {
  return [...pairs(place), ...lists(place), ...pictures(place), why(place)];
}

function pairs(place: Place): readonly Question[] {
  const { cluster, from, to, port, service } = place;
  const flags = ['--from', from, '--to', to, '--port', String(port)];
  const pair = { from, to, port };
  return [
    one(place, 'One pair', { to, port }),
    {
      title: 'One pair, as it was',
      rest: get('reachability', { cluster, from, to, port, at: 1 }),
      graphql: field('canReach', 'CanReachInput', { cluster, ...pair, at: '1' }, REACHABILITY),
      command: ['can', '--cluster', cluster, ...flags, '--at', '1'],
      essence: pick('verdict', 'reason', 'summary'),
    },
    {
      title: 'Many pairs at once',
      rest: post('reachability/batch', {
        items: [
          { cluster, ...pair },
          { cluster, ...pair, to: 'no/body' },
        ],
      }),
      graphql: {
        field: 'canReachBatch',
        query:
          'query ($items: [CanReachBatchInput!]!) { canReachBatch(items: $items) { answer { verdict summary } problem { detail: message } } }',
        variables: {
          items: [{ question: { cluster, ...pair } }, { question: { cluster, ...pair, to: 'no/body' } }],
        },
      },
      command: ['batch', 'questions.jsonl', '--cluster', cluster],
      essence: (answer) =>
        rows(answer).map((item) => {
          const { answer: told, problem } = item as { answer?: Told | null; problem: Told | null };
          return told === null || told === undefined ? pick('detail')(problem) : pick('verdict', 'summary')(told);
        }),
    },
    one(place, 'Through a Service', { to: `service:${service.name}`, port: service.port }),
    one(place, 'From outside', { from: '203.0.113.7', to, port }),
    one(place, 'To an address outside', { to: '198.51.100.7', port: 443 }),
    one(place, 'To a block of addresses', { to: '198.51.100.0/24', port: 443 }),
    one(place, 'To a host name', { to: 'host:example.com', port: 443 }),
    one(place, 'From a pod that nobody has made yet', { from: place.next, to, port }),
  ];
}

function one(
  { cluster, from: source }: Place,
  title: string,
  question: { readonly from?: string; readonly to: string; readonly port?: number },
): Question {
  const { from = source, to, port } = question;
  const asked = { cluster, from, to, ...(port === undefined ? {} : { port }) };
  const flags = Object.entries(asked).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return {
    title,
    rest: post('reachability', asked),
    graphql: field('canReach', 'CanReachInput', asked, REACHABILITY),
    command: ['can', ...flags],
    essence: pick('verdict', 'reason', 'summary'),
  };
}

interface Listed {
  readonly filter: Readonly<Record<string, string | number | boolean>>;
  readonly enums?: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
}

function lists(place: Place): readonly Question[] {
  const { namespace, from, to, port, next, selected } = place;
  return [
    list(place, 'Everything that can talk', {
      filter: { focus: `namespace:${namespace}`, by: 'workload', outside: false },
      enums: { by: 'WORKLOAD' },
      flags: ['-n', namespace, '--by', 'workload', '--no-outside'],
    }),
    list(place, 'Pods that labels choose, one direction, one protocol, some ports', {
      filter: { focus: selected.to, direction: 'ingress', protocol: 'TCP', port: '1-9000', by: 'pod', outside: false },
      enums: { direction: 'INGRESS', by: 'POD' },
      flags: [
        ...['--focus', selected.to, '--direction', 'ingress', '--protocol', 'TCP', '--port', '1-9000', '--by', 'pod'],
        '--no-outside',
      ],
    }),
    list(place, 'Between the pods of two selectors', { filter: selected, flags: flagsOf(selected) }),
    list(place, 'From labels that no pod has yet', { filter: { from: next, to }, flags: flagsOf({ from: next, to }) }),
    {
      ...list(place, 'Who can reach it', {
        filter: { to, port },
        flags: flagsOf({ to, port: String(port) }),
      }),
      command: ['who', '--cluster', place.cluster, '--to', to, '--port', String(port)],
    },
    {
      ...list(place, 'What it can reach', { filter: { from }, flags: flagsOf({ from }) }),
      command: ['who', '--cluster', place.cluster, '--from', from],
    },
  ];
}

function list({ cluster }: Place, title: string, { filter, enums = {}, flags }: Listed): Question {
  return {
    title,
    rest: get(`clusters/${cluster}/connections`, { ...filter, limit: 100 }),
    graphql: nodes('connections', 'ConnectionsInput', { cluster, ...filter, ...enums }, ROW),
    command: ['list', '--cluster', cluster, ...flags],
    essence: (answer) => rows(answer).map(row),
  };
}

/** A row with its peers as a reader writes them. */
function row({ source, destination, ...rest }: Told): Told {
  return { from: peerName(source), to: peerName(destination), ...pick('connections', 'pairs', 'of')(rest) };
}

function flagsOf(filter: Readonly<Record<string, string>>): string[] {
  return Object.entries(filter).flatMap(([name, value]) => [`--${name}`, value]);
}

function pictures({ cluster, namespace }: Place): readonly Question[] {
  const at = `clusters/${cluster}/connections`;
  const byNamespace = { by: 'namespace', outside: false };
  const ofNamespace = { by: 'workload', focus: `namespace:${namespace}`, outside: false };
  const drawn = (format: string) =>
    field(
      'connectionGraph',
      'ConnectionsOverviewInput',
      { cluster, by: 'NAMESPACE', outside: false },
      `{ drawn(format: ${format}) }`,
    );
  const commandOf = (format: string) =>
    ['list', '--cluster', cluster, '--by', 'namespace', '--no-outside', '-o', format] as const;
  return [
    {
      title: 'A matrix of namespaces',
      rest: get(`${at}/matrix`, byNamespace),
      graphql: matrix({ cluster, by: 'NAMESPACE', outside: false }),
      command: ['list', '--cluster', cluster, '--by', 'namespace', '--no-outside', '--matrix'],
      essence: cells,
    },
    {
      title: 'A matrix of workloads',
      rest: get(`${at}/matrix`, ofNamespace),
      graphql: matrix({ cluster, ...ofNamespace, by: 'WORKLOAD' }),
      command: ['list', '--cluster', cluster, '-n', namespace, '--no-outside', '--matrix'],
      essence: cells,
    },
    {
      title: 'A picture of namespaces',
      rest: get(`${at}/graph`, { ...byNamespace, format: 'svg' }),
      graphql: drawn('SVG'),
      command: commandOf('svg'),
      // The server names the snapshot in the title.
      essence: (answer) => [...textOf(answer).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].slice(1).map(([, text]) => text),
    },
    {
      title: 'The same for a document of Markdown',
      rest: get(`${at}/graph`, { ...byNamespace, format: 'mermaid' }),
      graphql: drawn('MERMAID'),
      command: commandOf('mermaid'),
      essence: (answer) =>
        textOf(answer)
          .split('\n')
          .filter((line) => line.includes('-->')),
    },
  ];
}

function matrix(input: Told) {
  const selection = `{ peers ${PEER} cells { source destination connections pairs of } }`;
  return field('connectionMatrix', 'ConnectionsOverviewInput', input, selection);
}

/** The command line gives the rows that a matrix is made of. */
function cells(answer: unknown): unknown {
  if (Array.isArray(answer)) return sorted((answer as Rows).map(row));
  const { peers, cells: found } = answer as { readonly peers: Rows; readonly cells: Rows };
  return sorted(
    found.map((cell) =>
      row({ ...cell, source: peers[Number(cell['source'])], destination: peers[Number(cell['destination'])] }),
    ),
  );
}

function sorted(all: readonly Told[]): readonly Told[] {
  return [...all].sort((a, b) =>
    `${String(a['from'])} ${String(a['to'])}` < `${String(b['from'])} ${String(b['to'])}` ? -1 : 1,
  );
}

function textOf(answer: unknown): string {
  return typeof answer === 'string' ? answer : (answer as { readonly drawn: string }).drawn;
}

function why({ cluster, from, to, port }: Place): Question {
  const asked = { cluster, from, to, port };
  return {
    title: 'Why, and what would change it',
    rest: post('why', asked),
    graphql: field(
      'why',
      'CanReachInput',
      asked,
      '{ answer { verdict reason summary } fixes { title manifest prediction { opened closed } } }',
    ),
    command: ['why', '--cluster', cluster, ...flagsOf({ from, to, port: String(port) })],
    essence: (answer) => {
      const { answer: told = answer, fixes } = answer as { answer?: unknown; fixes: Rows };
      return {
        ...pick('verdict', 'reason', 'summary')(told),
        fixes: fixes.map(({ title, manifest, prediction }) => {
          const { opened, closed } = (prediction ?? {}) as Told;
          return { title, opened, closed, manifest };
        }),
      };
    },
  };
}
