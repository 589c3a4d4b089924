/** One question as each door takes it. */
export interface Question {
  readonly title: string;
  readonly rest: RestCall;
  readonly graphql: GraphqlCall;
  /** Of `atlas`, without the address of the server; `-o json` unless it says another form. */
  readonly command: readonly string[];
  /** The part of an answer that must be the same at each door. */
  readonly essence: (answer: unknown) => unknown;
}

export interface RestCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Behind `/api/v1/`. */
  readonly path: string;
  readonly body?: unknown;
}

export interface GraphqlCall {
  readonly field: string;
  readonly query: string;
  readonly variables: Told;
}

export type Told = Readonly<Record<string, unknown>>;
export type Rows = readonly Told[];

export function get(path: string, query: Readonly<Record<string, string | number | boolean>> = {}): RestCall {
  // What a shell and a reader can bear stays as it is.
  const parameters = Object.entries(query).map(
    ([name, value]) => `${name}=${encodeURIComponent(value).replaceAll(/%(?:2C|2F|3A)/g, decodeURIComponent)}`,
  );
  return { method: 'GET', path: parameters.length === 0 ? path : `${path}?${parameters.join('&')}` };
}

export function post(path: string, body: unknown): RestCall {
  return { method: 'POST', path, body };
}

/** A document with one field of one `input`. */
export function field(name: string, type: string, input: unknown, selection: string): GraphqlCall {
  return {
    field: name,
    query: `query ($input: ${type}!) { ${name}(input: $input) ${selection} }`,
    variables: { input },
  };
}

/** Rows of a connection of at most 100. */
export function nodes(name: string, type: string, input: unknown, selection: string): GraphqlCall {
  return {
    field: name,
    query: `query ($input: ${type}!) { ${name}(input: $input, first: 100) { edges { node ${selection} } } }`,
    variables: { input },
  };
}

/** A document with one field about a cluster. */
export function ofCluster(name: string, cluster: string, selection: string): GraphqlCall {
  return {
    field: name,
    query: `query ($cluster: String!) { ${name}(cluster: $cluster) ${selection} }`,
    variables: { cluster },
  };
}

/** The rows of an answer, however a door wraps them; a page of REST and GraphQL has at most 100. */
export function rows(answer: unknown): Rows {
  if (Array.isArray(answer)) return (answer as Rows).slice(0, 100);
  const { items, connections, exposure, entryPoints } = answer as Readonly<Record<string, Rows | undefined>>;
  const found = items ?? exposure ?? connections ?? entryPoints;
  if (found === undefined) throw new Error(`no rows in ${JSON.stringify(answer).slice(0, 500)}`);
  return found.slice(0, 100);
}

export const pick =
  (...names: readonly string[]) =>
  (answer: unknown): Told =>
    Object.fromEntries(names.map((name) => [name, (answer as Told)[name]]));

export const each =
  (...names: readonly string[]) =>
  (answer: unknown): readonly Told[] =>
    rows(answer).map(pick(...names));

export function peerName(peer: unknown): string {
  const { kind, namespace, name } = peer as Readonly<Record<'kind' | 'namespace' | 'name', string>>;
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
