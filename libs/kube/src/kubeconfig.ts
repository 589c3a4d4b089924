import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { AppError, moreMistakes, type FieldError } from '#contracts';
import type { KubeConfig } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';

/** Where a cluster's address and credentials come from. `text` is a secret. */
export type KubeAccess =
  | { readonly type: 'path'; readonly path: string; readonly context?: string | null }
  | { readonly type: 'text'; readonly text: string; readonly context?: string | null }
  | { readonly type: 'inCluster' };

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Loads a kubeconfig and checks everything that can be checked without a connection. Throws `cluster.source_invalid` (what
 * is wrong with the file, the context or a field, each with its pointer) or `cluster.credentials_invalid`.
 *
 * A kubeconfig given as text comes from a caller, not from this machine's owner: it may not run commands or name files.
 */
export async function loadKubeConfig(access: KubeAccess): Promise<KubeConfig> {
  if (access.type === 'inCluster') return loadInCluster(await newKubeConfig());
  const where = access.type === 'path' ? `kubeconfig \`${access.path}\`` : 'the given kubeconfig';
  const text = access.type === 'path' ? await readText(access.path) : access.text;
  const raw = parseText(text, where);
  const contextName = access.context ?? asText(own(raw, 'current-context'));
  const errors = new Faults(where);
  checkContext(raw, contextName, access.type === 'text', errors);
  errors.throwIfAny();
  const config = build(text, contextName, access, where, await newKubeConfig());
  if (access.type === 'path') await readTokenFile(config, raw, dirname(access.path));
  return config;
}

/** The client knows this field by another name than kubeconfigs have it under. A token file goes before a token. */
async function readTokenFile(config: KubeConfig, raw: unknown, folder: string): Promise<void> {
  const current = config.getCurrentUser();
  const user = current === null ? null : entry(raw, 'users', current.name);
  const file = asText(own(own(user?.value, 'user'), 'tokenFile'));
  if (file === '') return;
  const token = (await readText(resolve(folder, file), 'token file')).trim();
  config.users = config.users.map((one) => (one === current ? { ...one, token } : one));
}

/** The client takes a second to load, which a process without live clusters need not spend. */
async function newKubeConfig(): Promise<KubeConfig> {
  const client = await import('@kubernetes/client-node');
  return new client.KubeConfig();
}

function build(text: string, contextName: string, access: KubeAccess, where: string, config: KubeConfig): KubeConfig {
  try {
    config.loadFromString(text);
    if (access.type === 'path') config.makePathsAbsolute(dirname(access.path));
    config.setCurrentContext(contextName);
  } catch (error) {
    throw new AppError('cluster.source_invalid', `${where}: ${firstLine(error)}`, { cause: error });
  }
  return config;
}

function loadInCluster(config: KubeConfig): KubeConfig {
  config.loadFromCluster();
  const server = config.getCurrentCluster()?.server ?? '';
  // The client takes the server's address from the environment, and does not mind when there is none.
  if (server.includes('undefined') || !URL.canParse(server) || !existsSync(`${SERVICE_ACCOUNT_FOLDER}/token`)) {
    const message = `this process does not run inside a cluster: no service account in \`${SERVICE_ACCOUNT_FOLDER}\``;
    throw new AppError('cluster.source_invalid', message);
  }
  return config;
}

async function readText(path: string, what = 'kubeconfig'): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'it does not exist' : code === 'EACCES' ? 'permission denied' : (code ?? firstLine(error));
    throw new AppError('cluster.source_invalid', `cannot read ${what} \`${path}\`: ${why}`, { cause: error });
  }
}

function parseText(text: string, where: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault) {
    const line = text.slice(0, fault.pos[0]).split('\n').length;
    // The parser's message may quote the text, which holds credentials.
    throw new AppError('cluster.source_invalid', `${where} is not valid YAML at line ${line}`);
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new AppError('cluster.source_invalid', `${where} is not valid YAML`, { cause: error });
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || !Object.hasOwn(raw, 'clusters')) {
    throw new AppError('cluster.source_invalid', `${where} is no kubeconfig: it has no \`clusters\``);
  }
  return raw;
}

class Faults {
  private readonly errors: FieldError[] = [];

  constructor(private readonly where: string) {}

  add(pointer: string, detail: string): void {
    this.errors.push({ pointer, detail });
  }

  throwIfAny(): void {
    const first = this.errors[0];
    if (!first) return;
    const message = `${this.where}: \`${first.pointer}\` ${first.detail}${moreMistakes(this.errors)}`;
    throw new AppError('cluster.source_invalid', message, { errors: this.errors });
  }
}

function checkContext(raw: unknown, contextName: string, untrusted: boolean, faults: Faults): void {
  if (contextName === '') {
    faults.add('/current-context', `is not set; choose a context${choices(raw, 'contexts')}`);
    return;
  }
  const context = entry(raw, 'contexts', contextName);
  if (!context) {
    faults.add('/contexts', `has no context \`${contextName}\`${choices(raw, 'contexts')}`);
    return;
  }
  const body = own(context.value, 'context');
  const clusterName = asText(own(body, 'cluster'));
  const userName = asText(own(body, 'user'));
  const cluster = entry(raw, 'clusters', clusterName);
  if (cluster) checkCluster(own(cluster.value, 'cluster'), `${cluster.pointer}/cluster`, untrusted, faults);
  else faults.add(`${context.pointer}/context/cluster`, missing('cluster', clusterName, raw, 'clusters'));
  const user = entry(raw, 'users', userName);
  if (user) checkUser(own(user.value, 'user'), `${user.pointer}/user`, untrusted, faults);
  else faults.add(`${context.pointer}/context/user`, missing('user', userName, raw, 'users'));
}

function checkCluster(cluster: unknown, at: string, untrusted: boolean, faults: Faults): void {
  const server = asText(own(cluster, 'server'));
  const isUrl = URL.canParse(server) && /^https?:$/.test(new URL(server).protocol);
  if (!isUrl) faults.add(`${at}/server`, server === '' ? 'is missing' : `\`${server}\` is no http or https URL`);
  if (isUrl && new URL(server).protocol === 'http:' && own(cluster, 'insecure-skip-tls-verify') !== true) {
    faults.add(`${at}/server`, 'is plain http; use https, or set `insecure-skip-tls-verify: true` to allow it');
  }
  checkPem(cluster, 'certificate-authority-data', at, faults, (pem) => new X509Certificate(pem));
  checkFile(cluster, 'certificate-authority', at, untrusted, faults);
}

function checkUser(user: unknown, at: string, untrusted: boolean, faults: Faults): void {
  checkPem(user, 'client-certificate-data', at, faults, (pem) => new X509Certificate(pem));
  checkPem(user, 'client-key-data', at, faults, (pem) => createPrivateKey(pem));
  for (const key of ['client-certificate', 'client-key', 'tokenFile']) checkFile(user, key, at, untrusted, faults);
  for (const key of ['exec', 'auth-provider']) {
    if (untrusted && own(user, key) !== undefined) {
      faults.add(`${at}/${key}`, 'runs a command, which is not allowed in a kubeconfig given as text; use a token');
    }
  }
}

function checkPem(from: unknown, key: string, at: string, faults: Faults, read: (pem: Buffer) => unknown): void {
  const value = own(from, key);
  if (value === undefined || value === '') return;
  try {
    if (typeof value !== 'string') throw new TypeError('not text');
    read(Buffer.from(value, 'base64'));
  } catch {
    faults.add(`${at}/${key}`, 'is not base64 of PEM text');
  }
}

function checkFile(from: unknown, key: string, at: string, untrusted: boolean, faults: Faults): void {
  const value = own(from, key);
  if (value === undefined || value === '') return;
  if (!untrusted) return;
  faults.add(`${at}/${key}`, 'names a file, which is not allowed in a kubeconfig given as text; put its data inline');
}

interface Entry {
  readonly pointer: string;
  readonly value: unknown;
}

function entry(raw: unknown, listName: string, name: string): Entry | null {
  const list = own(raw, listName);
  if (!Array.isArray(list) || name === '') return null;
  const index = list.findIndex((item) => own(item, 'name') === name);
  return index < 0 ? null : { pointer: `/${listName}/${index}`, value: list[index] };
}

function missing(what: string, name: string, raw: unknown, listName: string): string {
  return name === '' ? `names no ${what}` : `names ${what} \`${name}\`, which is not there${choices(raw, listName)}`;
}

function choices(raw: unknown, listName: string): string {
  const list = own(raw, listName);
  const names = Array.isArray(list) ? list.map((item) => asText(own(item, 'name'))).filter((name) => name !== '') : [];
  if (names.length === 0) return '';
  const shown = names.slice(0, 10).map((name) => `\`${name}\``);
  return `; there are ${shown.join(', ')}${names.length > 10 ? ', …' : ''}`;
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? ((value as Record<string, unknown>)[key] ?? undefined)
    : undefined;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
