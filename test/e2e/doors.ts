import { requestJson } from './ask.js';
import { atlas } from './standalone-process.js';

type Tree = Readonly<Record<string, unknown>>;

/** The three ways of asking one service. Each gives what it was told in one shape: lists as arrays, names in lower case. */
export class Doors {
  constructor(private readonly url: string) {}

  async rest(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown> {
    const answer = await requestJson(`${this.url}/api/v1/${path}`, method, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return plain(answer.body);
  }

  /** The answer in another form than JSON. */
  async text(path: string): Promise<string> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return response.text();
  }

  /** The value of the only root field of a document of one input. */
  async graphql(field: string, type: string, input: unknown, selection: string): Promise<unknown> {
    const query = `query ($input: ${type}!) { ${field}(input: $input) ${selection} }`;
    return this.field(field, query, { input });
  }

  async field(field: string, query: string, variables: Tree = {}): Promise<unknown> {
    const { body } = await requestJson(`${this.url}/graphql`, 'POST', { query, variables });
    const { data, errors } = body as { data?: Tree; errors?: unknown };
    if (data === undefined || errors !== undefined) throw new Error(JSON.stringify(body).slice(0, 2000));
    return plain(data[field]);
  }

  /** What `atlas … -o json` prints, or its text in another form. */
  async command(verb: string, ...args: readonly string[]): Promise<unknown> {
    return plain(JSON.parse(await this.printed(verb, ...args, '-o', 'json')));
  }

  async printed(verb: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await atlas(...verb.split(' '), ...args, '--server', this.url);
    if (stdout === '') throw new Error(`${verb} ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
}

/** One shape for all: connections of GraphQL as arrays, its enums as REST has them. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string')
    return /^[A-Z]+(_[A-Z]+)*$/.test(value) ? value.toLowerCase().replaceAll('_', '-') : value;
  if (typeof value !== 'object' || value === null) return value;
  const tree = value as Tree;
  if (Array.isArray(tree['edges'])) return { items: tree['edges'].map(({ node }: { node: unknown }) => plain(node)) };
  return Object.fromEntries(Object.entries(tree).map(([name, of]) => [name, plain(of)]));
}
