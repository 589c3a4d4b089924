// A fleet of API servers on one loopback port: cluster number i answers below `/c/<i>`. Speaks list in pages, watch with
// bookmarks and discovery; makes its answers as they are asked for, so that it needs next to no memory.
// node scripts/run.mjs test/bench/fleet/fleet-server.ts CLUSTERS PODS   prints its port
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { PROTOBUF_TYPE, metadataPage } from '../../support/metadata-protobuf.js';
import { podMetadata, podText } from './pod-text.js';

const [clusters = 1, pods = 1] = process.argv.slice(2).map(Number);
const KINDS = [
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod' },
  { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace' },
  { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies', kind: 'NetworkPolicy' },
];
const FIRST_VERSION = 1_000;
const BOOKMARK_MS = 30_000;
/** Pods that were listed by their metadata alone. */
let metadataPods = 0;

interface Cluster {
  version: number;
  /** Version and turn of pods that were touched. */
  readonly touched: Map<number, { version: number; turn: number }>;
  readonly watches: Map<string, Set<ServerResponse>>;
}
const fleet: Cluster[] = Array.from({ length: clusters }, () => ({
  version: FIRST_VERSION,
  touched: new Map(),
  watches: new Map(KINDS.map(({ resource }) => [resource, new Set<ServerResponse>()])),
}));

function stateOf(cluster: Cluster, index: number): readonly [index: number, version: number, turn: number] {
  const { version, turn } = cluster.touched.get(index) ?? { version: FIRST_VERSION, turn: 0 };
  return [index, version, turn];
}

/** The objects of the small kinds. */
function fewItems(number: number, resource: string): string {
  if (resource === 'networkpolicies') {
    const metadata = { name: 'deny', namespace: 'shop', uid: `deny-${number}`, resourceVersion: '1' };
    return JSON.stringify({ metadata, spec: { podSelector: {} } });
  }
  const metadata = (name: string): object => ({ name, uid: `${name}-${number}`, resourceVersion: '1', labels: {} });
  return ['kube-system', 'shop'].map((name) => JSON.stringify({ metadata: metadata(name) })).join(',');
}

function listPods(cluster: Cluster, query: URLSearchParams, response: ServerResponse, asMetadata: boolean): void {
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(pods, from + (Number(query.get('limit') ?? 0) || pods));
  const next = to < pods ? String(to) : '';
  const indexes = Array.from({ length: to - from }, (_, at) => from + at);
  if (asMetadata) {
    metadataPods += indexes.length;
    const page = (): Buffer => Buffer.concat(indexes.map((index) => podMetadata(...stateOf(cluster, index))));
    response.writeHead(200, { 'content-type': PROTOBUF_TYPE });
    response.end(metadataPage(String(cluster.version), next, [pageOf(cluster, `metadata ${from} ${to}`, page)]));
    return;
  }
  const page = (): Buffer => Buffer.from(indexes.map((index) => podText(...stateOf(cluster, index))).join(','));
  const more = next === '' ? '' : `,"continue":"${next}"`;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`{"metadata":{"resourceVersion":"${cluster.version}"${more}},"items":[`);
  response.write(pageOf(cluster, `objects ${from} ${to}`, page));
  response.end(']}');
}

const pages = new Map<string, Buffer>();

/** Pods that nobody touched are the same in every cluster: what the fleet costs must not slow down who is measured. */
function pageOf(cluster: Cluster, key: string, make: () => Buffer): Buffer {
  if (cluster.touched.size > 0) return make();
  const page = pages.get(key) ?? make();
  pages.set(key, page);
  return page;
}

function watch(cluster: Cluster, resource: string, query: URLSearchParams, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const from = Number(query.get('resourceVersion'));
  if (resource === 'pods') {
    for (const [index, { version }] of cluster.touched) if (version > from) response.write(event(cluster, index));
  }
  const open = cluster.watches.get(resource);
  open?.add(response);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1000);
  response.on('close', () => {
    clearTimeout(end);
    open?.delete(response);
  });
}

function event(cluster: Cluster, index: number): string {
  return `{"type":"MODIFIED","object":${podText(...stateOf(cluster, index))}}\n`;
}

/** Changes a pod: its watchers hear of it. */
function touch(cluster: Cluster, index: number): void {
  cluster.version += 1;
  const turn = (cluster.touched.get(index)?.turn ?? 0) + 1;
  cluster.touched.set(index, { version: cluster.version, turn });
  for (const response of cluster.watches.get('pods') ?? []) response.write(event(cluster, index));
}

function discovery(path: string, response: ServerResponse): void {
  const ours = KINDS.filter(({ group }) => (group === '') === (path === '/api'));
  const items = [...new Set(ours.map(({ group }) => group))].map((name) => ({
    metadata: { name },
    versions: [
      {
        version: 'v1',
        freshness: 'Current',
        resources: ours
          .filter(({ group }) => group === name)
          .map(({ resource, kind }) => ({ resource, responseKind: { kind }, verbs: ['get', 'list', 'watch'] })),
      },
    ],
  }));
  const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  response.writeHead(200, { 'content-type': type, etag: '"fixed"' });
  response.end(JSON.stringify({ items }));
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://fleet');
  const [, number = '', path = ''] = /^\/c\/(\d+)(\/.*)$/.exec(url.pathname) ?? [];
  const cluster = fleet[Number(number)];
  const resource = path.split('/').at(-1) ?? '';
  if (!cluster) response.writeHead(404).end();
  else if (path === '/touch') {
    touch(cluster, Number(url.searchParams.get('pod') ?? 0));
    response.end('{}');
  } else if (path === '/metadata-pods') response.end(String(metadataPods));
  else if (path === '/api' || path === '/apis') {
    if (request.headers['if-none-match'] === '"fixed"') response.writeHead(304).end();
    else discovery(path, response);
  } else if (path === '/version') response.end('{"major":"1","minor":"31"}');
  else if (!KINDS.some((kind) => kind.resource === resource)) response.writeHead(404).end('{"code":404}');
  else if (url.searchParams.get('watch') === 'true') watch(cluster, resource, url.searchParams, response);
  else if (resource === 'pods') {
    listPods(cluster, url.searchParams, response, request.headers.accept?.startsWith(PROTOBUF_TYPE) === true);
  } else {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      `{"metadata":{"resourceVersion":"${cluster.version}"},"items":[${fewItems(Number(number), resource)}]}`,
    );
  }
}

setInterval(() => {
  for (const { version, watches } of fleet) {
    const line = `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"${version}"}}}\n`;
    for (const open of watches.values()) for (const response of open) response.write(line);
  }
}, BOOKMARK_MS);
const server = createServer(answer);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
