// A fleet of API servers on one loopback port: cluster number i answers below `/c/<i>`. Speaks list in pages, watch with
// bookmarks and discovery; makes its answers as they are asked for, so that it needs next to no memory.
// node scripts/run.mjs test/bench/fleet/fleet-server.ts CLUSTERS PODS   prints its port
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { podMetadataText, podText } from './pod-text.js';

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

function podOf(cluster: Cluster, index: number, text = podText): string {
  const { version, turn } = cluster.touched.get(index) ?? { version: FIRST_VERSION, turn: 0 };
  return text(index, version, turn);
}

function* itemsOf(
  cluster: Cluster,
  number: number,
  resource: string,
  from: number,
  to: number,
  text = podText,
): Generator<string> {
  if (resource === 'pods') for (let index = from; index < to; index++) yield podOf(cluster, index, text);
  if (resource === 'namespaces') {
    const names = [`kube-system`, 'shop'];
    for (const name of names) {
      yield JSON.stringify({ metadata: { name, uid: `${name}-${number}`, resourceVersion: '1', labels: {} } });
    }
  }
  if (resource === 'networkpolicies') {
    const metadata = { name: 'deny', namespace: 'shop', uid: `deny-${number}`, resourceVersion: '1' };
    yield JSON.stringify({ metadata, spec: { podSelector: {} } });
  }
}

function list(
  cluster: Cluster,
  number: number,
  resource: string,
  query: URLSearchParams,
  response: ServerResponse,
  asMetadata: boolean,
): void {
  const from = Number(query.get('continue') ?? 0);
  const limit = Number(query.get('limit') ?? 0) || pods;
  const to = resource === 'pods' ? Math.min(pods, from + limit) : 0;
  const next = resource === 'pods' && to < pods ? `,"continue":"${to}"` : '';
  if (asMetadata) metadataPods += to - from;
  const text = asMetadata ? podMetadataText : podText;
  const items = [...itemsOf(cluster, number, resource, from, to, text)].join(',');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"metadata":{"resourceVersion":"${cluster.version}"${next}},"items":[${items}]}`);
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
  return `{"type":"MODIFIED","object":${podOf(cluster, index)}}\n`;
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
  else {
    const asMetadata = request.headers.accept?.includes('PartialObjectMetadataList') === true;
    list(cluster, Number(number), resource, url.searchParams, response, asMetadata);
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
