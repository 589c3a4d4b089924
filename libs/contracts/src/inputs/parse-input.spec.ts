import { describe, expect, it } from '@jest/globals';
import { type z } from 'zod';
import { type AppError } from '../app-error.js';
import { assertionFile } from './assertion.input.js';
import { agentBatchLine } from './agent.input.js';
import { createChannelInput } from './channel.input.js';
import { createClusterInput } from './cluster.input.js';
import { pageInput } from './paging.input.js';
import { parseInput } from './parse-input.js';
import { reachabilityInput } from './reachability.input.js';

function errorsOf(schema: z.ZodType, value: unknown): Record<string, string> {
  try {
    parseInput(schema, value);
  } catch (error) {
    const { code, errors } = error as AppError;
    expect(code).toBe('request.invalid');
    return Object.fromEntries((errors ?? []).map(({ pointer, detail }) => [pointer, detail]));
  }
  throw new Error('it was accepted');
}

it('says nothing of several forms that it could be, each of which lacks something inside', () => {
  expect(errorsOf(agentBatchLine, {})).toEqual({ '': 'Invalid input' });
});

it('says which words a field takes that decides about the others, and that a list is empty', () => {
  expect(errorsOf(createChannelInput, { name: 'a', target: { type: 'b' }, events: [] })).toEqual({
    '/target/type': 'must be one of `webhook`, `slack`, `mattermost`, `teams`, `smtp`, `s3`, `pagerduty`',
    '/events': 'must not be empty',
  });
});

it('tells the first mistake in its message, and how many more there are', () => {
  expect(() => parseInput(reachabilityInput, {})).toThrow(/^`\/cluster`: .+ \(and 2 more mistakes\)$/);
  expect(() => parseInput(reachabilityInput, { cluster: 'shop' })).toThrow(/ \(and 1 more mistake\)$/);
  expect(() => parseInput(reachabilityInput, { cluster: 'shop', from: 'a/b' })).toThrow(/^`\/to`: [^(]+$/);
});

describe('a new cluster', () => {
  const kubeconfig = { type: 'kubeconfig', inline: 'apiVersion: v1' };

  it.each([
    [{ name: 'shop', source: { type: 'folder', path: '/manifests' } }],
    [{ name: 'a', source: { type: 'inCluster' } }],
    [{ name: 'a-1', source: { ...kubeconfig, context: 'prod' } }],
  ])('is read as given: %j', (value) => {
    expect(parseInput(createClusterInput, value)).toEqual(value);
  });

  it.each([
    [{}, { '/name': 'is required, give text', '/source': 'is required, give an object' }],
    [
      { name: 'Shop_1', source: { type: 'upload' } },
      { '/name': 'must be lower case letters, digits and `-`, and start and end with a letter or digit' },
    ],
    [{ name: 'a'.repeat(64), source: { type: 'upload' } }, { '/name': 'must be at most 63 characters' }],
    [{ name: '', source: { type: 'upload' } }, { '/name': 'must not be empty' }],
    [
      { name: 'a', source: { type: 'upload' }, size: 1, 'a/b~c': 2 },
      {
        '/size': 'unknown field `size`, remove it',
        '/a~1b~0c': 'unknown field `a/b~c`, remove it',
      },
    ],
    [{ name: 'a', source: { type: 'upload', path: '/x' } }, { '/source/path': 'unknown field `path`, remove it' }],
    [
      { name: 'a', source: { type: 'ftp' } },
      {
        '/source/type': 'must be one of `kubeconfig`, `inCluster`, `folder`, `archive`, `upload`, `agent`',
      },
    ],
    [{ name: 'a', source: { type: 'folder' } }, { '/source/path': 'is required, give text' }],
    [{ name: 'a', source: { type: 'folder', path: 7 } }, { '/source/path': 'must be text' }],
    [
      { name: 'a', source: { type: 'kubeconfig' } },
      {
        '/source': 'give either `path` (a kubeconfig file on the server) or `inline` (its text), not both and not none',
      },
    ],
    ['text', { '': 'must be an object' }],
    [null, { '': 'must be an object' }],
  ])('names each wrong field of %j', (value, errors) => {
    expect(errorsOf(createClusterInput, value)).toEqual(errors);
  });

  it('does not repeat a kubeconfig in its errors', () => {
    const value = { name: 'A', source: { ...kubeconfig, inline: 'token: s3cr3t', path: '/x' }, more: 1 };
    expect(JSON.stringify(errorsOf(createClusterInput, value))).not.toContain('s3cr3t');
  });
});

describe('a reachability question', () => {
  const least = { cluster: 'shop', from: 'shop/web', to: 'ip:10.0.0.1' };

  it('fills in the protocol and leaves the rest open', () => {
    expect(parseInput(reachabilityInput, least)).toEqual({ ...least, protocol: 'TCP' });
  });

  it.each([
    [8080, 8080],
    ['8080', 8080],
    ['http', 'http'],
    ['1-a', '1-a'],
  ])('reads port %j', (port, expected) => {
    expect(parseInput(reachabilityInput, { ...least, port }).port).toBe(expected);
  });

  it.each([
    [least, 'must be a number or text'],
    [[], 'must be a number or text'],
  ])('says what a port may be for %j', (port, detail) => {
    expect(errorsOf(reachabilityInput, { ...least, port })).toEqual({ '/port': detail });
  });

  it.each([
    [7, { seq: 7 }],
    ['7', { seq: 7 }],
    ['2026-01-31T12:00:00Z', { time: new Date('2026-01-31T12:00:00Z') }],
    ['2026-01-31T12:00:00.5+02:00', { time: new Date('2026-01-31T10:00:00.500Z') }],
  ])('reads at %j', (at, expected) => {
    expect(parseInput(reachabilityInput, { ...least, at }).at).toEqual(expected);
  });

  it.each([0, 65536, -1, 1.5, '', '99999', 'a b', '8080/tcp'])('refuses port %j', (port) => {
    expect(errorsOf(reachabilityInput, { ...least, port })).toEqual({
      '/port': 'must be a number from 1 to 65535 or the name of a port',
    });
  });

  it.each([0, -1, 1.5, '', 'yesterday', '2026-01-31', '2026-13-31T12:00:00Z', '2026-01-31T12:00:00'])(
    'refuses at %j',
    (at) => {
      expect(Object.keys(errorsOf(reachabilityInput, { ...least, at }))).toEqual(['/at']);
    },
  );

  it('offers the name of a field that a misspelt one is close to, wherever it is', () => {
    const slips = { ...least, prot: 80, l7: { metod: 'GET' } };
    expect(errorsOf(reachabilityInput, slips)).toEqual({
      '/prot': 'unknown field `prot`, did you mean `port`?',
      '/l7/metod': 'unknown field `metod`, did you mean `method`?',
    });
    const entry = { name: 'a', frm: 'shop/web', from: { namspace: 'shop' }, to: ['shop/db'], expect: 'denied' };
    expect(errorsOf(assertionFile, { assertions: [entry] })).toEqual({
      '/assertions/0/from/namspace': 'unknown field `namspace`, did you mean `namespace`?',
      '/assertions/0/frm': 'unknown field `frm`, did you mean `from`?',
    });
    expect(errorsOf(pageInput, { limt: 3 })).toEqual({ '/limt': 'unknown field `limt`, did you mean `limit`?' });
  });

  it('names wrong fields inside the request', () => {
    expect(errorsOf(reachabilityInput, { ...least, l7: { method: 1, verb: 'x' }, sourcePort: 0 })).toEqual({
      '/l7/method': 'must be text',
      '/l7/verb': 'unknown field `verb`, remove it',
      '/sourcePort': 'must be at least 1',
    });
  });
});

describe('a page', () => {
  it('has a default size and takes digits from a query string', () => {
    expect(parseInput(pageInput, {})).toEqual({ limit: 25 });
    expect(parseInput(pageInput, { limit: '100', cursor: 'x' })).toEqual({ limit: 100, cursor: 'x' });
  });

  it.each([0, 101, '', 'x', 1.5])('refuses limit %j', (limit) => {
    expect(errorsOf(pageInput, { limit })).toEqual({ '/limit': 'must be a whole number from 1 to 100' });
  });
});
