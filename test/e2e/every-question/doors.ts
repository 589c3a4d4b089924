import { atlas } from '../standalone-process.js';
import type { GraphqlCall, Question, RestCall } from './question.js';

type Tree = Readonly<Record<string, unknown>>;

export const DOORS = ['rest', 'graphql', 'command'] as const;
export type Door = (typeof DOORS)[number];

/** The three ways of asking one service. Each gives what it was told in one shape: lists as arrays, names in lower case. */
export class Doors {
  constructor(private readonly url: string) {}

  ask(door: Door, question: Question): Promise<unknown> {
    if (door === 'rest') return this.rest(question.rest);
    return door === 'graphql' ? this.graphql(question.graphql) : this.command(question.command);
  }

  private async rest({ method, path, body }: RestCall): Promise<unknown> {
    const sent =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/api/v1/${path}`, { method, ...sent });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('application/x-ndjson')) return plain(text.trim().split('\n').map(parsed));
    return type.startsWith('application/json') ? plain(parsed(text)) : text;
  }

  private async graphql({ field, query, variables }: GraphqlCall): Promise<unknown> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const { data, errors } = parsed(text) as { data?: Tree; errors?: unknown };
    if (data === undefined || errors !== undefined) throw new Error(text.slice(0, 2000));
    return plain(data[field]);
  }

  private async command(args: readonly string[]): Promise<unknown> {
    const isText = args.includes('-o');
    const { stdout, stderr } = await atlas(...args, ...(isText ? [] : ['-o', 'json']), '--server', this.url);
    if (stdout === '') throw new Error(`atlas ${args.join(' ')}: ${stderr}`);
    return isText ? stdout : plain(parsed(stdout));
  }
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}

/** One shape for all: connections of GraphQL as arrays, its enums as REST has them; reasons are codes at each door. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'string')
    return /^[A-Z]+(_[A-Z]+)*$/.test(value) ? value.toLowerCase().replaceAll('_', '-') : value;
  if (typeof value !== 'object' || value === null) return value;
  const tree = value as Tree;
  if (Array.isArray(tree['edges'])) return { items: tree['edges'].map(({ node }: { node: unknown }) => plain(node)) };
  return Object.fromEntries(Object.entries(tree).map(([name, of]) => [name, name === 'reason' ? of : plain(of)]));
}
