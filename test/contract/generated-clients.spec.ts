import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocuments from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '..', '..', 'node_modules', '.cache');

const REST_PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './rest.js';

const atlas = createClient<paths>({ baseUrl: 'http://127.0.0.1:8080' });
const { data, error } = await atlas.POST('/api/v1/reachability', {
  body: { cluster: 'shop', from: 'shop/web', to: 'service:shop/api', port: 80 },
});
const verdict: 'allowed' | 'denied' | 'mixed' | 'undetermined' | undefined = data?.verdict;
const code: string | undefined = error?.code;
const list = await atlas.GET('/api/v1/clusters/{id}/pods', { params: { path: { id: 'shop' }, query: { limit: 10 } } });
const names: readonly string[] = list.data?.items.map(({ name }) => name) ?? [];
const drift = await atlas.GET('/api/v1/drift', { params: { query: { cluster: 'shop' } } });
const seq: number | undefined = drift.data?.asOf.seq;
export const answer: components['schemas']['Reachability'] | undefined = data;
export { code, names, seq, verdict };
`;

const QUERY = `query Ask($input: CanReachInput!) {
  canReach(input: $input) {
    __typename
    ... on Reachability { verdict reason steps { why rules { label } } asOf { seq takenAt } }
    ... on EndpointNotFound { argument near }
  }
}`;
const GRAPHQL_PROGRAM = `
import { print } from 'graphql';
import { AskDocument, type AskQuery, type AskQueryVariables } from './graphql.js';

const variables: AskQueryVariables = { input: { cluster: 'shop', from: 'shop/web', to: 'shop/api', port: 80 } };
const reply = await fetch('http://127.0.0.1:8080/graphql', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: print(AskDocument), variables }),
});
const { canReach } = ((await reply.json()) as { data: AskQuery }).data;
export const told: readonly string[] =
  canReach.__typename === 'Reachability'
    ? canReach.steps.flatMap(({ why, rules }) => [why, ...rules.map(({ label }) => label)])
    : canReach.__typename === 'EndpointNotFound' ? canReach.near : [];
`;

/** What the compiler has against a program in `folder`. */
function complaints(folder: string, program: string): readonly string[] {
  const file = join(folder, `program-${String(Math.random()).slice(2)}.ts`);
  writeFileSync(file, program);
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
  };
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('a client that is generated', () => {
  let folder: string;

  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    folder = mkdtempSync(join(CACHE, 'generated-clients-'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const rest = await openapiTS(pathToFileURL(join(HERE, 'openapi.json')));
    writeFileSync(join(folder, 'rest.ts'), astToString(rest));
    const schema = buildSchema(readFileSync(join(HERE, 'schema.graphql'), 'utf8'));
    const document = parse(QUERY);
    expect(validate(schema, document)).toEqual([]);
    const client = await codegen({
      filename: 'graphql.ts',
      schema: parse(readFileSync(join(HERE, 'schema.graphql'), 'utf8')),
      documents: [{ document }],
      config: { useTypeImports: true, strictScalars: false },
      plugins: [{ operations: {} }, { documents: {} }],
      pluginMap: { operations, documents: typedDocuments },
    });
    writeFileSync(join(folder, 'graphql.ts'), client);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('from the OpenAPI text compiles with a program that uses it', () => {
    expect(complaints(folder, REST_PROGRAM)).toEqual([]);
  });

  it('from the GraphQL schema compiles with a program that uses it', () => {
    expect(complaints(folder, GRAPHQL_PROGRAM)).toEqual([]);
  });

  it('knows what is asked and what is answered', () => {
    const wrong = [
      complaints(folder, REST_PROGRAM.replace('port: 80', 'port: true')),
      complaints(folder, REST_PROGRAM.replace("'allowed' |", "'open' |")),
      complaints(folder, GRAPHQL_PROGRAM.replace('port: 80', 'prt: 80')),
      complaints(folder, GRAPHQL_PROGRAM.replace('canReach.near', 'canReach.far')),
    ];
    expect(wrong.map((found) => found.length > 0)).toEqual([true, true, true, true]);
  });
});
