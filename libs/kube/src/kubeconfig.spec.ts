import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AppError, type FieldError } from '#contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { loadKubeConfig } from './kubeconfig.js';

interface Parts {
  cluster?: Record<string, unknown>;
  user?: Record<string, unknown>;
  context?: Record<string, unknown>;
  current?: string;
}
function kubeconfig({ cluster, user, context, current = 'main' }: Parts = {}): string {
  return stringify({
    'current-context': current,
    contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', ...context } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user: { token: 'very-secret', ...user } }],
  });
}
async function refusal(text: string, context?: string): Promise<AppError & { errors: readonly FieldError[] }> {
  const error: unknown = await loadKubeConfig({ type: 'text', text, context: context ?? null }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe('cluster.source_invalid');
  return error as AppError & { errors: readonly FieldError[] };
}

describe('loadKubeConfig', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-kubeconfig-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('takes the current context, or the one that is named', async () => {
    const config = await loadKubeConfig({ type: 'text', text: kubeconfig() });
    expect(config.getCurrentCluster()?.server).toBe('https://127.0.0.1:6443');
    await loadKubeConfig({ type: 'text', text: kubeconfig({ current: 'gone' }), context: 'main' });
  });

  it.each<[string, Parts, string, string]>([
    ['an unknown context', { current: 'gone' }, '/contexts', '`main`'],
    ['no context', { current: '' }, '/current-context', 'choose a context; there are `main`'],
    [
      'an unknown cluster',
      { context: { cluster: 'x' } },
      '/contexts/0/context/cluster',
      '`x`, which is not there; there are `c`',
    ],
    ['an unknown user', { context: { user: 'x' } }, '/contexts/0/context/user', '`x`'],
    ['no server', { cluster: { server: '' } }, '/clusters/0/cluster/server', 'is missing'],
    ['a server that is no URL', { cluster: { server: 'nope' } }, '/clusters/0/cluster/server', '`nope`'],
    ['plain http', { cluster: { server: 'http://a' } }, '/clusters/0/cluster/server', 'https'],
    [
      'a broken CA',
      { cluster: { 'certificate-authority-data': 'AAAA' } },
      '/clusters/0/cluster/certificate-authority-data',
      'PEM',
    ],
    [
      'a broken certificate',
      { user: { 'client-certificate-data': '!' } },
      '/users/0/user/client-certificate-data',
      'PEM',
    ],
  ])('names the field of %s', async (_name, parts, pointer, detail) => {
    const error = await refusal(kubeconfig(parts));
    expect(error.errors).toEqual([{ pointer, detail: expect.stringContaining(detail) as unknown }]);
    expect(error.message).toContain(pointer);
  });

  it('tells how many more fields are wrong', async () => {
    const { message } = await refusal(
      kubeconfig({ cluster: { server: '' }, user: { 'client-certificate-data': '!' } }),
    );
    expect(message).toMatch(/^[^(]*`\/clusters\/0\/cluster\/server` is missing.* \(and 1 more mistake\)$/);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['commands', { exec: { command: 'sh', apiVersion: 'client.authentication.k8s.io/v1' } }, '/users/0/user/exec'],
    ['provider commands', { 'auth-provider': { name: 'gcp' } }, '/users/0/user/auth-provider'],
    ['a token file', { tokenFile: '/etc/shadow' }, '/users/0/user/tokenFile'],
    ['a key file', { 'client-key': '/etc/shadow' }, '/users/0/user/client-key'],
  ])('does not let a kubeconfig given as text use %s', async (_name, user, pointer) => {
    expect((await refusal(kubeconfig({ user }))).errors[0]?.pointer).toBe(pointer);
  });

  it('names the file, and the line of broken YAML, without repeating secrets', async () => {
    const path = join(folder, 'config');
    await writeFile(path, `${kubeconfig()}\ttoken: very-secret\n`);
    const error: unknown = await loadKubeConfig({ type: 'path', path }).catch((thrown: unknown) => thrown);
    expect((error as AppError).message).toMatch(/kubeconfig `.*config` is not valid YAML at line \d+/);
    expect((error as AppError).message).not.toContain('very-secret');
    const gone = join(folder, 'gone');
    await expect(loadKubeConfig({ type: 'path', path: gone })).rejects.toMatchObject({
      message: `cannot read kubeconfig \`${gone}\`: it does not exist`,
    });
  });

  it('refuses what is no kubeconfig', async () => {
    expect((await refusal('just: yaml')).message).toContain('it has no `clusters`');
    expect((await refusal('- a')).message).toContain('no kubeconfig');
  });

  it('says when the process does not run inside a cluster', async () => {
    await expect(loadKubeConfig({ type: 'inCluster' })).rejects.toMatchObject({ code: 'cluster.source_invalid' });
  });
});
