import { Document, visit } from 'yaml';
import { commandLine } from '#engine';
import { filesOf, type Place } from './place.js';
import type { Question } from './question.js';

const MOST_LINES = 12;
const API = 'http://127.0.0.1:8080';

/** What a question was answered at all doors alike. */
export interface Answered {
  readonly question: Question;
  readonly told: unknown;
}

/** The page of the documentation that has each question with its calls, its answer, and that of a large cluster. */
export function answersPage(place: Place, small: readonly Answered[], large: readonly Answered[]): string {
  const sections = small.map((answered, index) => section(place, answered, large[index]));
  return [HEAD, ...sections, filesSection(place)].join('\n\n');
}

const HEAD = `<!-- Written by test/e2e/every-question with UPDATE_CONTRACTS=1. -->

# Every question, and its answer

One call by each door, and what all three of them answered. The sample was uploaded as the cluster \`shop\`, declared as its
baseline, and uploaded again with \`later.yaml\` beside it; \`shop-flannel\` is the one that \`npm start\` loads:

\`\`\`sh
npm run -s atlas -- clusters add shop --upload apps/standalone/sample/shop-calico
npm run -s atlas -- baseline set shop --name first
npm run -s atlas -- assertions set shop assertions.json
npm run -s atlas -- clusters upload shop FOLDER-WITH-BOTH
\`\`\`

The second answer is that of a cluster of 10,000 pods and 2,500 policies, asked the same about its own pods. Answers are cut to
what the doors must agree on, and to ${String(MOST_LINES)} lines. \`<name>\` in a call stands for the text of that file, which is at the end.`;

function section(place: Place, { question, told }: Answered, large: Answered | undefined): string {
  const { title, rest, graphql, command } = question;
  const files = Object.entries(filesOf(place)).map(([name, text]) => [text, `<${name}>`] as const);
  const { query, variables } = graphql;
  const calls = [
    curl(rest.method, `${API}/api/v1/${rest.path}`, withNames(rest.body, files)),
    curl('POST', `${API}/graphql`, { query, variables: withNames(variables, files) }),
    commandLine('atlas', ...command, '--server'),
  ];
  return [
    `## ${title}`,
    fenced('sh', calls.join('\n')),
    fenced('yaml', shortened(told)),
    ...(large === undefined ? [] : [ofLarge(large)]),
  ].join('\n\n');
}

function curl(method: string, url: string, body: unknown): string {
  const words = ['curl', '-s', ...(method === 'PUT' ? ['-X', 'PUT'] : []), url];
  if (body === undefined) return commandLine(...words);
  return commandLine(...words, '-H', 'content-type: application/json', '-d', JSON.stringify(body));
}

function ofLarge({ question, told }: Answered): string {
  const call = commandLine('atlas', ...question.command, '--server');
  return ['Of 10,000 pods:', fenced('sh', call), fenced('yaml', shortened(told))].join('\n\n');
}

/** Files of which the command line takes the path, by their names. */
function withNames(value: unknown, files: readonly (readonly [string, string])[]): unknown {
  if (typeof value === 'string') return files.find(([text]) => text === value)?.[1] ?? value;
  if (Array.isArray(value)) return value.map((each) => withNames(each, files));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withNames(each, files)]));
}

/** A row a line. */
function shortened(told: unknown): string {
  const document = new Document(told);
  visit(document, {
    Map: (_key, map, path) => {
      if (path.length > 1) map.flow = true;
    },
  });
  const lines = document.toString({ lineWidth: 0 }).trimEnd().split('\n');
  const left = lines.length - MOST_LINES;
  return left <= 0 ? lines.join('\n') : [...lines.slice(0, MOST_LINES), `# and ${String(left)} more lines`].join('\n');
}

function filesSection(place: Place): string {
  const blocks = Object.entries(filesOf(place)).map(([name, text]) => `### ${name}\n\n${fenced('', text.trimEnd())}`);
  return ['## The files', ...blocks].join('\n\n');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
