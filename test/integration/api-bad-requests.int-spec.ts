import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectProblem } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const QUESTION = { cluster: 'shop', from: 'shop/web-0', to: 'shop/api-0' };
const NAME_RULE = 'must be lower case letters, digits and `-`, and start and end with a letter or digit';

interface BadRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { pointer: string; detail?: string }[];
  readonly detail?: string;
}

const ask = (body: unknown): Pick<BadRequest, 'method' | 'path' | 'body'> => ({
  method: 'POST',
  path: '/api/v1/reachability',
  body,
});
const add = (body: unknown): Pick<BadRequest, 'method' | 'path' | 'body'> => ({
  method: 'POST',
  path: '/api/v1/clusters',
  body,
});
const get = (path: string): Pick<BadRequest, 'method' | 'path'> => ({ method: 'GET', path: `/api/v1/${path}` });
const invalid = { status: 400, code: 'request.invalid' };
const unread = { status: 400, code: 'question.invalid' };

const CASES: readonly (readonly [string, BadRequest])[] = [
  [
    'an empty question names every field that is missing',
    {
      ...ask({}),
      ...invalid,
      errors: [
        { pointer: '/cluster', detail: 'is required, give text' },
        { pointer: '/from', detail: 'is required, give text' },
        { pointer: '/to', detail: 'is required, give text' },
      ],
    },
  ],
  [
    'a misspelt field is refused by name',
    {
      ...ask({ ...QUESTION, prot: 'UDP' }),
      ...invalid,
      errors: [{ pointer: '/prot', detail: 'unknown field `prot`, did you mean `port`?' }],
    },
  ],
  [
    'a misspelt field inside another',
    {
      ...ask({ ...QUESTION, l7: { verb: 'GET' } }),
      ...invalid,
      errors: [{ pointer: '/l7/verb', detail: 'unknown field `verb`, remove it' }],
    },
  ],
  [
    'a port out of range',
    {
      ...ask({ ...QUESTION, port: 65536 }),
      ...invalid,
      errors: [{ pointer: '/port', detail: 'must be a number from 1 to 65535 or the name of a port' }],
    },
  ],
  ['a port that is an object', { ...ask({ ...QUESTION, port: {} }), ...invalid, errors: [{ pointer: '/port' }] }],
  [
    'a source port as text',
    { ...ask({ ...QUESTION, sourcePort: '80' }), ...invalid, errors: [{ pointer: '/sourcePort' }] },
  ],
  [
    'a point in time that is neither',
    {
      ...ask({ ...QUESTION, at: 'yesterday' }),
      ...invalid,
      errors: [{ pointer: '/at', detail: 'must be a snapshot number from 1 or a time such as `2026-01-31T12:00:00Z`' }],
    },
  ],
  [
    'peers and a protocol that cannot be read are all named at once',
    {
      ...ask({ cluster: 'shop', from: 'pod:web', to: 'ip:10.0.0.300', protocol: 'TPC' }),
      ...unread,
      errors: [{ pointer: '/from' }, { pointer: '/to' }, { pointer: '/protocol' }],
    },
  ],
  [
    'a port for a protocol without ports',
    {
      ...ask({ ...QUESTION, protocol: 'ICMP', port: 80 }),
      ...unread,
      errors: [{ pointer: '/port', detail: 'ICMP has no ports, leave the port out' }],
    },
  ],
  [
    'a cluster that does not exist',
    {
      ...ask({ ...QUESTION, cluster: 'nope' }),
      status: 404,
      code: 'cluster.not_found',
      errors: [{ pointer: '/cluster' }],
      detail: 'there is no cluster `nope`, list the clusters to see their names',
    },
  ],
  [
    'a snapshot that does not exist',
    { ...ask({ ...QUESTION, at: 99 }), status: 404, code: 'snapshot.not_found', errors: [{ pointer: '/at' }] },
  ],
  ['a body that is a list', { ...ask([]), ...invalid, errors: [{ pointer: '', detail: 'must be an object' }] }],
  ['a body that is null', { ...ask('null'), headers: JSON_TYPE, ...invalid, errors: [{ pointer: '' }] }],
  [
    'JSON that breaks off',
    {
      ...ask('{"cluster": "shop",\n "from": '),
      headers: JSON_TYPE,
      ...invalid,
      detail: 'the body is not JSON: unexpected end of JSON input at line 2, column 10',
    },
  ],
  [
    'JSON with a comma too many',
    {
      ...ask('{"cluster": "shop",}'),
      headers: JSON_TYPE,
      ...invalid,
      errors: [{ pointer: '' }],
    },
  ],
  ['no body', { ...ask(undefined), ...invalid, errors: [{ pointer: '' }] }],
  ['an empty body', { ...ask(''), headers: JSON_TYPE, ...invalid, detail: 'the body is empty, send a JSON object' }],
  [
    'a form',
    {
      ...ask('from=a'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      status: 415,
      code: 'unsupported_media_type',
      detail: 'content type `application/x-www-form-urlencoded` is not read here, send `application/json`',
    },
  ],
  [
    'YAML where JSON is read',
    {
      ...ask('from: a'),
      headers: { 'content-type': 'application/yaml' },
      status: 415,
      code: 'unsupported_media_type',
    },
  ],
  [
    'a body larger than a question can be',
    { ...ask({ ...QUESTION, padding: 'x'.repeat(300_000) }), status: 413, code: 'upload.too_large' },
  ],
  [
    'an unknown query parameter',
    {
      ...get('reachability?cluster=shop&from=a/b&to=a/c&prot=UDP'),
      ...invalid,
      errors: [{ pointer: '/prot', detail: 'unknown field `prot`, did you mean `port`?' }],
    },
  ],
  [
    'a query parameter twice',
    { ...get('reachability?cluster=shop&from=a/b&from=a/d&to=a/c'), ...invalid, errors: [{ pointer: '/from' }] },
  ],
  [
    'a page larger than allowed',
    {
      ...get('clusters?limit=101'),
      ...invalid,
      errors: [{ pointer: '/limit', detail: 'must be a whole number from 1 to 100' }],
    },
  ],
  ['a page of text', { ...get('clusters?limit=many'), ...invalid, errors: [{ pointer: '/limit' }] }],
  [
    'a parameter where none is taken',
    { ...get('clusters/shop?verbose=1'), ...invalid, errors: [{ pointer: '/verbose' }] },
  ],
  [
    'a made-up cursor',
    { ...get('clusters/shop/pods?cursor=abc'), status: 400, code: 'cursor.invalid', errors: [{ pointer: '/cursor' }] },
  ],
  [
    'a kind of another list',
    { ...get('clusters/shop/pods?kind=Deployment.apps'), ...invalid, errors: [{ pointer: '/kind' }] },
  ],
  [
    'a peer that is not there',
    {
      ...get('clusters/shop/exposure?of=shop/nope'),
      status: 404,
      code: 'endpoint.not_found',
      errors: [{ pointer: '/of' }],
    },
  ],
  [
    'a state before that there never was',
    {
      ...get('drift?cluster=shop&before=9'),
      status: 404,
      code: 'snapshot.not_found',
      errors: [{ pointer: '/before', detail: 'cluster `shop` has no snapshot number 9, the newest is number 1' }],
    },
  ],
  [
    'a list of a cluster that does not exist',
    { ...get('clusters/nope/pods'), status: 404, code: 'cluster.not_found', errors: [] },
  ],
  [
    'a cluster name that is not one',
    {
      ...add({ name: 'Not_A_Name', source: { type: 'upload' } }),
      ...invalid,
      errors: [{ pointer: '/name', detail: NAME_RULE }],
    },
  ],
  [
    'a source of unknown type',
    {
      ...add({ name: 'a', source: { type: 'git' } }),
      ...invalid,
      errors: [
        {
          pointer: '/source/type',
          detail: 'must be one of `kubeconfig`, `inCluster`, `folder`, `archive`, `upload`, `agent`',
        },
      ],
    },
  ],
  [
    'a field of another source',
    {
      ...add({ name: 'a', source: { type: 'folder', path: '/a', context: 'b' } }),
      ...invalid,
      errors: [{ pointer: '/source/context', detail: 'unknown field `context`, remove it' }],
    },
  ],
  [
    'a kubeconfig both as path and as text',
    {
      ...add({ name: 'a', source: { type: 'kubeconfig', path: 'a', inline: 'b' } }),
      ...invalid,
      errors: [{ pointer: '/source' }],
    },
  ],
  [
    'a wait longer than allowed',
    {
      method: 'POST',
      path: '/api/v1/clusters?wait=3600',
      body: { name: 'a', source: { type: 'upload' } },
      ...invalid,
      errors: [{ pointer: '/wait', detail: 'must be a number of seconds from 0 to 60' }],
    },
  ],
  [
    'a change of what cannot be changed',
    {
      method: 'PATCH',
      path: '/api/v1/clusters/shop',
      body: { name: 'b', paused: 'yes' },
      ...invalid,
      errors: [
        { pointer: '/paused', detail: 'must be true or false' },
        { pointer: '/name', detail: 'unknown field `name`, remove it' },
      ],
    },
  ],
  [
    'an upload of a spreadsheet',
    {
      method: 'PUT',
      path: '/api/v1/clusters/shop/upload',
      body: 'a,b',
      headers: { 'content-type': 'text/csv' },
      status: 415,
      code: 'upload.unsupported',
    },
  ],
  [
    'an upload of nothing',
    {
      method: 'PUT',
      path: '/api/v1/clusters/shop/upload',
      body: '',
      headers: { 'content-type': 'application/yaml' },
      ...invalid,
    },
  ],
  [
    'an upload past the limit',
    {
      method: 'PUT',
      path: '/api/v1/clusters/shop/upload',
      body: new Uint8Array(20 * 1024 * 1024 + 1),
      headers: { 'content-type': 'application/zip' },
      status: 413,
      code: 'upload.too_large',
    },
  ],
  [
    'an address that does not exist',
    {
      ...get('networks'),
      status: 404,
      code: 'not_found',
      detail: 'there is nothing at `/api/v1/networks`, `/docs` lists what there is',
    },
  ],
  ['an address with a broken escape', { ...get('clusters/%zz'), ...invalid }],
  [
    'a method that is not taken',
    {
      method: 'PUT',
      path: '/api/v1/clusters/shop',
      body: {},
      status: 405,
      code: 'method_not_allowed',
      detail: '`/api/v1/clusters/shop` does not take `PUT`, it takes DELETE, GET, HEAD, OPTIONS, PATCH',
    },
  ],
  [
    'an asset outside the list',
    { method: 'GET', path: '/assets/docs/..%2f..%2fpackage.json', status: 404, code: 'not_found' },
  ],
  ['a problem type that does not exist', { method: 'GET', path: '/problems/nope', status: 404, code: 'not_found' }],
];

describe('bad requests', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  it.each(CASES)('%s', async (_, wanted) => {
    const problem = expectProblem(await api.request(wanted.method, wanted.path, wanted.body, wanted.headers));
    expect({ status: problem.status, code: problem.code }).toEqual({ status: wanted.status, code: wanted.code });
    expect(problem.instance).toBe(wanted.path.split('?')[0]);
    if (wanted.detail !== undefined) expect(problem.detail).toBe(wanted.detail);
    if (wanted.errors !== undefined) {
      expect(problem.errors).toHaveLength(wanted.errors.length);
      expect(problem.errors).toEqual(wanted.errors.map((error) => expect.objectContaining(error)));
    }
    const page = await api.request('GET', problem.type);
    expect(page.status).toBe(200);
    expect(page.text).toContain(problem.title);
  });

  it('tells by OPTIONS which methods a path takes, and of no path that it is there when it is not', async () => {
    const { status, headers, text } = await api.request('OPTIONS', '/api/v1/clusters/shop?pretty');
    expect([status, text, headers.get('allow')]).toEqual([204, '', 'DELETE, GET, HEAD, OPTIONS, PATCH']);
    expect(headers.get('x-request-id')).toMatch(/./);
    expect(expectProblem(await api.request('OPTIONS', '/api/v1/nope'))).toMatchObject({ code: 'not_found' });
  });

  it('answers bytes that are not HTTP with a problem', async () => {
    const { port } = new URL(api.url);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(Number(port), '127.0.0.1', () => socket.write('HELLO\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk) => (received += chunk.toString()));
      socket.on('close', () => {
        resolve(received);
      });
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
    expect(text).toContain('"code":"request.invalid"');
  });

  it('still answers well after all of this', async () => {
    const reply = await api.request('POST', '/api/v1/reachability', QUESTION);
    expect(reply.status).toBe(200);
  });
});
