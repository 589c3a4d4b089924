import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { WATCHED_KINDS, type WatchedKind } from '#engine';

import { PROTOBUF_TYPE, metadataItem, metadataPage } from './metadata-protobuf.js';

interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

interface LoggedEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
}

interface OpenWatch {
  readonly resource: string;
  readonly response: ServerResponse;
}

export interface FakeApiServerOptions {
  /** `group/resource` (or a core resource alone) that are served; all watched kinds when left out. */
  readonly serve?: readonly string[];
  /** Answer discovery in the aggregated form of Kubernetes 1.27 and later. */
  readonly aggregatedDiscovery?: boolean;
  /** The only bearer token that is accepted. */
  readonly token?: string;
  /** Claim to be of a version that streams initial lists, and do so, or refuse it after all. */
  readonly streamedLists?: 'served' | 'refused';
}

export interface LoggedRequest {
  readonly resource: string;
  readonly watch: boolean;
  readonly query: URLSearchParams;
  readonly accept: string;
}

const keyOf = (kind: { group: string; resource: string }): string =>
  kind.group === '' ? kind.resource : `${kind.group}/${kind.resource}`;

/**
 * A server on loopback that speaks the list and watch protocol of a kube-apiserver over plain HTTP: resource versions, pages
 * with continue tokens, bookmarks, 410 after compaction; and that misbehaves on demand. It checks nothing it stores.
 */
export class FakeApiServer {
  readonly requests: LoggedRequest[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly objects = new Map<string, Map<string, StoredObject>>();
  private readonly events = new Map<string, LoggedEvent[]>();
  private readonly watches = new Set<OpenWatch>();
  private readonly forbidden = new Set<string>();
  private readonly stalled = new Set<string>();
  private readonly served = new Set<string>();
  private readonly downGroups = new Set<string>();
  private version = 100;
  private compactedTo = 0;
  private failing = 0;
  private isMute = false;
  /** Run before a page after the first is answered. */
  beforeNextPage: () => void = () => undefined;

  private token: string | undefined;
  /** Objects of the next streamed list after which its connection breaks. */
  cutStreamedListAfter = Infinity;

  private constructor(private readonly options: FakeApiServerOptions) {
    this.token = options.token;
    for (const kind of WATCHED_KINDS) {
      if (options.serve === undefined || options.serve.includes(keyOf(kind))) this.served.add(keyOf(kind));
    }
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
    const fake = new FakeApiServer(options);
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  kubeconfig(token = this.token ?? 'any'): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
      clusters: [{ name: 'fake', cluster: { server: this.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'fake', user: { token } }],
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Stores an object that no watch hears of, as if its event was lost. */
  putUnseen(resource: string, object: Record<string, unknown>): void {
    this.isMute = true;
    this.put(resource, object);
    this.isMute = false;
  }

  /** Stores an object; `resource` as `pods` or `networking.k8s.io/networkpolicies`. */
  put(resource: string, object: Record<string, unknown>): void {
    const kind = kindFor(resource);
    const metadata = object['metadata'] as StoredObject['metadata'];
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    const known = this.bucket(resource).has(key);
    this.version += 1;
    const apiVersion = kind.group === '' ? 'v1' : `${kind.group}/${kind.versions[0]}`;
    const stored: StoredObject = {
      apiVersion,
      kind: kind.kind,
      ...object,
      metadata: { ...metadata, resourceVersion: String(this.version) },
    };
    this.bucket(resource).set(key, stored);
    this.publish(resource, { version: this.version, type: known ? 'MODIFIED' : 'ADDED', object: stored });
  }

  /** Makes this the cluster with that uid, as the namespace `kube-system` tells. */
  identify(uid: string): void {
    this.put('namespaces', { metadata: { name: 'kube-system', uid } });
  }

  /** From now on only this token is accepted. */
  rotateToken(token: string): void {
    this.token = token;
  }

  remove(resource: string, namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    const object = this.bucket(resource).get(key);
    if (!object) throw new Error(`there is no ${resource} ${key}`);
    this.bucket(resource).delete(key);
    this.version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    this.publish(resource, { version: this.version, type: 'DELETED', object: last });
  }

  /** Open watches of a resource. */
  watchCount(resource: string): number {
    return [...this.watches].filter((watch) => watch.resource === resource).length;
  }

  /** `resource`, or `resource/name` for what is asked for by that name. */
  forbid(resource: string): void {
    this.forbidden.add(resource);
    this.cut(resource);
  }

  permit(resource: string): void {
    this.forbidden.delete(resource);
  }

  serve(resource: string): void {
    this.served.add(resource);
  }

  /** As when a definition is deleted: it is no longer served and its watches end. */
  vanish(resource: string): void {
    this.served.delete(resource);
    this.objects.delete(resource);
    this.endWatches(resource);
  }

  /** An aggregated API whose server does not answer. */
  setGroupDown(group: string, down: boolean): void {
    if (down) this.downGroups.add(group);
    else this.downGroups.delete(group);
  }

  /** The next `count` requests get a 503. */
  failNext(count: number): void {
    this.failing = count;
  }

  /** Forgets the history: watches and continue tokens from before answer 410. */
  compact(): void {
    this.version += 1;
    this.compactedTo = this.version;
    for (const log of this.events.values()) log.length = 0;
  }

  /** Tells open watches that their version is too old, inside the stream, as a real server does. */
  expireWatches(resource: string): void {
    this.compact();
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    this.send(resource, `${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    this.endWatches(resource);
  }

  /** Breaks connections of open watches, in the middle of a line. */
  cut(resource: string): void {
    for (const watch of this.watches) {
      if (watch.resource !== resource) continue;
      watch.response.write('{"type":"MODIF');
      watch.response.socket?.destroy();
    }
  }

  endWatches(resource: string): void {
    for (const watch of this.watches) if (watch.resource === resource) watch.response.end();
  }

  sendGarbage(resource: string): void {
    this.send(resource, '<html>upstream hiccup</html>\n');
  }

  /** Sends the first event of all once more, as a proxy that mixes things up would. */
  replayOldest(resource: string): void {
    const [oldest] = this.events.get(resource) ?? [];
    if (oldest) this.send(resource, eventLine(oldest));
  }

  /** Open watches stay open but nothing arrives any more; new ones work. */
  stall(resource: string): void {
    this.stalled.add(resource);
  }

  bookmark(resource: string): void {
    const object = { metadata: { resourceVersion: String(this.version) } };
    this.send(resource, `${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  private bucket(resource: string): Map<string, StoredObject> {
    const bucket = this.objects.get(resource) ?? new Map<string, StoredObject>();
    this.objects.set(resource, bucket);
    return bucket;
  }

  private publish(resource: string, event: LoggedEvent): void {
    if (this.isMute) return;
    let log = this.events.get(resource);
    if (!log) this.events.set(resource, (log = []));
    log.push(event);
    this.send(resource, eventLine(event));
  }

  private send(resource: string, text: string): void {
    if (this.stalled.has(resource)) return;
    for (const watch of this.watches) if (watch.resource === resource) watch.response.write(text);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake');
    if (request.method !== 'GET') {
      fail(response, 405, `method ${request.method} is not allowed`);
      return;
    }
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      fail(response, 401, 'Unauthorized');
      return;
    }
    if (this.failing > 0) {
      this.failing -= 1;
      fail(response, 503, 'try again', { 'retry-after': '0' });
      return;
    }
    if (url.pathname === '/version') {
      const streams = this.options.streamedLists !== undefined;
      json(response, { gitVersion: 'v1.31.0-fake', major: '1', minor: streams ? '34+' : '31' });
      return;
    }
    if (url.pathname === '/api' || url.pathname === '/apis') {
      this.discover(url.pathname, response);
      return;
    }
    const parts = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname);
    if (!parts) {
      fail(response, 404, 'the server could not find the requested resource');
      return;
    }
    const group = parts[1] ?? '';
    if (this.downGroups.has(group)) {
      fail(response, 503, 'the server is currently unable to handle the request');
      return;
    }
    if (parts[3] === undefined) {
      json(response, { resources: this.resourcesOf(group).map(plainEntry) });
      return;
    }
    const resource = keyOf({ group, resource: parts[3] });
    const watch = url.searchParams.get('watch') === 'true';
    this.requests.push({ resource, watch, query: url.searchParams, accept: request.headers.accept ?? '' });
    if (!this.served.has(resource)) {
      fail(response, 404, 'the server could not find the requested resource');
      return;
    }
    const named = `${resource}/${nameAsked(url.searchParams) ?? ''}`;
    if (this.forbidden.has(resource) || this.forbidden.has(named)) {
      fail(response, 403, `${parts[3]} is forbidden: User "fake" cannot list resource "${parts[3]}"`);
      return;
    }
    if (watch) this.watch(resource, url.searchParams, response);
    else this.list(resource, url.searchParams, response, request.headers.accept?.startsWith(PROTOBUF_TYPE) === true);
  }

  private list(resource: string, query: URLSearchParams, response: ServerResponse, asMetadata: boolean): void {
    const [name, label] = [nameAsked(query), query.get('labelSelector')];
    const all = [...this.bucket(resource).values()].filter(
      ({ metadata }) =>
        (name === undefined || metadata.name === name) && (label === null || metadata.labels?.[label] !== undefined),
    );
    const limit = Number(query.get('limit') ?? 0);
    const [tokenVersion, offset] = (query.get('continue') ?? `${this.version}:0`).split(':').map(Number) as [
      number,
      number,
    ];
    if (offset > 0) this.beforeNextPage();
    if (offset > 0 && tokenVersion < this.compactedTo) {
      fail(response, 410, 'the continue token is too old');
      return;
    }
    const end = limit > 0 ? offset + limit : all.length;
    // Items of a list carry neither kind nor apiVersion, as with the real server.
    const items = all.slice(offset, end).map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest);
    const next = end < all.length ? `${tokenVersion}:${end}` : '';
    if (asMetadata) {
      const page = metadataPage(
        String(tokenVersion),
        next,
        items.map(({ metadata }) => metadataItem(metadata)),
      );
      response.writeHead(200, { 'content-type': PROTOBUF_TYPE }).end(page);
      return;
    }
    const more = next === '' ? {} : { continue: next };
    json(response, { metadata: { resourceVersion: String(tokenVersion), ...more }, items });
  }

  private watch(resource: string, query: URLSearchParams, response: ServerResponse): void {
    const streamed = query.get('sendInitialEvents') === 'true';
    if (streamed && this.options.streamedLists !== 'served') {
      fail(response, 422, 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled');
      return;
    }
    const from = streamed ? this.version : Number(query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < this.compactedTo) {
      const status = { kind: 'Status', code: 410, reason: 'Expired', message: `too old resource version: ${from}` };
      response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
      return;
    }
    this.stalled.delete(resource);
    if (streamed && !this.sendInitial(resource, response)) return;
    const watch: OpenWatch = { resource, response };
    this.watches.add(watch);
    response.on('close', () => this.watches.delete(watch));
    for (const event of this.events.get(resource) ?? []) if (event.version > from) response.write(eventLine(event));
    const seconds = Number(query.get('timeoutSeconds') ?? 0);
    if (seconds > 0) setTimeout(() => response.end(), seconds * 1000).unref();
  }

  /** The objects that are there, then the bookmark that ends them. False when the connection broke before that. */
  private sendInitial(resource: string, response: ServerResponse): boolean {
    const objects = [...this.bucket(resource).values()];
    const cutAfter = this.cutStreamedListAfter;
    this.cutStreamedListAfter = Infinity;
    for (const object of objects.slice(0, cutAfter)) response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    if (objects.length > cutAfter) {
      setTimeout(() => response.destroy(), 20);
      return false;
    }
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const object = { metadata: { resourceVersion: String(this.version), annotations } };
    response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    return true;
  }

  private discover(path: string, response: ServerResponse): void {
    const groups = [...new Set(WATCHED_KINDS.map((kind) => kind.group))].filter(
      (group) => (group === '') === (path === '/api'),
    );
    const offered = groups.filter((group) => this.downGroups.has(group) || this.resourcesOf(group).length > 0);
    if (this.options.aggregatedDiscovery !== true) {
      const entries = offered.map((name) => ({
        name,
        versions: versionsOf(name).map((version) => ({ groupVersion: `${name}/${version}`, version })),
      }));
      json(response, path === '/api' ? { versions: ['v1'] } : { kind: 'APIGroupList', groups: entries });
      return;
    }
    const items = offered.map((name) => ({
      metadata: { name },
      versions: versionsOf(name).map((version) => ({
        version,
        freshness: this.downGroups.has(name) ? 'Stale' : 'Current',
        resources: this.downGroups.has(name)
          ? []
          : this.resourcesOf(name).map((kind) => aggregatedEntry(kind, version)),
      })),
    }));
    const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    json(response, { kind: 'APIGroupDiscoveryList', items }, { 'content-type': type });
  }

  private resourcesOf(group: string): WatchedKind[] {
    return WATCHED_KINDS.filter((kind) => kind.group === group && this.served.has(keyOf(kind)));
  }
}

function versionsOf(group: string): string[] {
  return [...new Set(WATCHED_KINDS.filter((kind) => kind.group === group).flatMap((kind) => kind.versions))];
}

function plainEntry(kind: WatchedKind): unknown {
  return { name: kind.resource, kind: kind.kind, namespaced: kind.namespaced, verbs: ['get', 'list', 'watch'] };
}

function aggregatedEntry(kind: WatchedKind, version: string): unknown {
  const responseKind = { group: kind.group, version, kind: kind.kind };
  return { resource: kind.resource, responseKind, scope: 'Cluster', verbs: ['get', 'list', 'watch'] };
}

function kindFor(resource: string): WatchedKind {
  const kind = WATCHED_KINDS.find((candidate) => keyOf(candidate) === resource);
  if (!kind) throw new Error(`${resource} is no watched resource`);
  return kind;
}

function eventLine({ type, object }: LoggedEvent): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function json(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const nameAsked = (query: URLSearchParams): string | undefined =>
  /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '')?.[1];

function fail(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', code, message }));
}
