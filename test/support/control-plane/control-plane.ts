import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Daemon, DaemonError, Daemons, plainEnv, untilReady } from './daemons.js';
import { binDir, kwokStagesFile, missingParts } from './layout.mjs';

const LOOPBACK = '127.0.0.1';
const START_ATTEMPTS = 3;
/** How long the API server may take to close its connections before it is ended the hard way. */
const API_SERVER_GRACE_MS = 5_000;

/** The simulated nodes: distinct pod ranges and addresses, so hostNetwork pods and ipBlocks mean something. */
export const NODES = [1, 2, 3].map((number) => ({
  name: `node-${number}`,
  podCIDR: `10.244.${number}.0/24`,
  internalIP: `192.168.200.1${number}`,
}));

export interface TokenSpec {
  readonly token: string;
  readonly user: string;
  readonly groups?: readonly string[];
}

export interface ControlPlaneOptions {
  /** Add the controller manager, the scheduler and kwok with three nodes, so that workloads become running pods. */
  readonly nodes?: boolean;
  /** More users than the administrator, for tests of RBAC. They may do nothing until a binding says so. */
  readonly tokens?: readonly TokenSpec[];
  /** Request rate of the controllers and the scheduler. Their own default makes about 10 pods a second. */
  readonly kubeApiQps?: number;
  /** More flags for the API server, for example a short `--min-request-timeout` to see watches end. */
  readonly apiServerArgs?: readonly string[];
  /** How long each server may take to become ready. */
  readonly readyTimeoutMs?: number;
}

export interface ApiResponse {
  readonly status: number;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

export interface ControlPlane {
  readonly url: string;
  /** Of the administrator, group system:masters. */
  readonly token: string;
  readonly caFile: string;
  /** The same certificate as in a kubeconfig: base64 of the PEM text. */
  readonly caData: string;
  readonly kubeconfig: string;
  readonly kubeconfigPath: string;
  /** Logs (`<program>.log`), keys and data; removed by stop(). */
  readonly dir: string;
  /** A kubeconfig for one of the extra tokens. */
  kubeconfigFor(token: string): string;
  /** Runs kubectl as the administrator and returns what it prints; throws with its error text when it fails. */
  kubectl(args: readonly string[], options?: { input?: string }): Promise<string>;
  apply(yaml: string): Promise<string>;
  /** Installs the definitions in test/support/crds, all or by file name without ".yaml", and waits until they are served. */
  applyCrds(vendors?: readonly string[]): Promise<void>;
  /** The same for definitions in other files. */
  applyDefinitions(files: readonly string[]): Promise<void>;
  /** One request straight to the API: faster than kubectl, and it reaches subresources and other users' rights. */
  request(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<ApiResponse>;
  /**
   * Makes the API unreachable (connections are refused); data stays. Open watches end cleanly, as in an upgrade, or with
   * an aborted connection when it should `crash`.
   */
  stopApiServer(options?: { crash?: boolean }): Promise<void>;
  /** Back on the same address with the same certificate and data. */
  startApiServer(): Promise<void>;
  /** Both; a watch resumed afterwards from an older resource version is told 410, since the server starts with no history. */
  restartApiServer(options?: { crash?: boolean }): Promise<void>;
  /** Back on the same address with another certificate of another authority, which the kubeconfig's file then has. */
  rotateCertificate(): Promise<void>;
  /** Ends every process and removes the directory. Safe to call twice. */
  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly token?: string;
  readonly contentType?: string;
}

export interface FoundControlPlane {
  readonly binDir: string;
  /** Empty when startControlPlane() can run. */
  readonly missing: string[];
}

export function findControlPlane(): FoundControlPlane {
  return { binDir: binDir(), missing: missingParts() };
}

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const found = findControlPlane();
  if (found.missing.length > 0) {
    throw new Error(
      `The test control plane is not built (missing in ${found.binDir}: ${found.missing.join(', ')}).\n` +
        'Run: node test/support/control-plane/build.mjs',
    );
  }
  for (let attempt = 1; ; attempt++) {
    const plane = new LoopbackControlPlane(found.binDir, options);
    try {
      await plane.start();
      return plane;
    } catch (error) {
      await plane.stop();
      // Between our asking for a free port and the server's taking it, anyone else may have got it.
      if (attempt === START_ATTEMPTS || !isPortTaken(error)) throw error;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof DaemonError && error.log.includes('address already in use');
}

class LoopbackControlPlane implements ControlPlane {
  readonly token = randomBytes(16).toString('hex');
  readonly dir = mkdtempSync(join(tmpdir(), 'netpol-atlas-cp-'));
  readonly caFile = join(this.dir, 'ca.crt');
  readonly kubeconfigPath = join(this.dir, 'kubeconfig');
  url = '';
  caData = '';
  kubeconfig = '';

  private readonly daemons: Daemons;
  private readonly readyTimeoutMs: number;
  private apiServerArgs: string[] = [];
  private apiServer: Daemon | undefined;
  private ca = '';
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly binDir: string,
    private readonly options: ControlPlaneOptions,
  ) {
    this.daemons = new Daemons(binDir, this.dir);
    this.readyTimeoutMs = options.readyTimeoutMs ?? 60_000;
  }

  async start(): Promise<void> {
    const [clientPort, peerPort, securePort] = await freePorts(3);
    await this.startEtcd(`http://${LOOPBACK}:${clientPort}`, `http://${LOOPBACK}:${peerPort}`);
    this.url = `https://${LOOPBACK}:${securePort}`;
    this.apiServerArgs = this.prepareApiServer(`http://${LOOPBACK}:${clientPort}`, String(securePort));
    await this.startApiServer();
    this.writeKubeconfig();
    if (this.options.nodes === true) await this.startNodes();
  }

  stop(): Promise<void> {
    // The guard removes the directory when the processes are gone, here as after a crash: one way to clean up.
    this.stopped ??= this.daemons.endAll();
    return this.stopped;
  }

  async startApiServer(): Promise<void> {
    if (this.apiServer !== undefined) return;
    const daemon = this.daemons.start('kube-apiserver', this.apiServerArgs);
    this.apiServer = daemon;
    await untilReady(daemon, () => this.isApiReady(), { timeoutMs: this.readyTimeoutMs, what: 'the API was ready' });
  }

  async stopApiServer({ crash = false }: { crash?: boolean } = {}): Promise<void> {
    const daemon = this.apiServer;
    if (daemon === undefined) return;
    this.apiServer = undefined;
    const hard = setTimeout(() => void daemon.end('SIGKILL'), API_SERVER_GRACE_MS);
    await daemon.end(crash ? 'SIGKILL' : 'SIGTERM').finally(() => clearTimeout(hard));
  }

  async restartApiServer(options: { crash?: boolean } = {}): Promise<void> {
    await this.stopApiServer(options);
    await this.startApiServer();
  }

  async rotateCertificate(): Promise<void> {
    await this.stopApiServer();
    for (const name of ['apiserver.crt', 'apiserver.key']) rmSync(join(this.dir, name));
    this.ca = '';
    await this.startApiServer();
    this.writeKubeconfig();
  }

  private writeKubeconfig(): void {
    this.kubeconfig = this.kubeconfigFor(this.token);
    writeFileSync(this.kubeconfigPath, this.kubeconfig, { mode: 0o600 });
  }

  kubeconfigFor(token: string): string {
    return [
      'apiVersion: v1',
      'kind: Config',
      'current-context: test',
      'contexts:',
      '  - name: test',
      '    context: { cluster: test, user: test }',
      'clusters:',
      '  - name: test',
      '    cluster:',
      `      server: ${this.url}`,
      `      certificate-authority-data: ${this.caData}`,
      'users:',
      '  - name: test',
      '    user:',
      `      token: ${JSON.stringify(token)}`,
      '',
    ].join('\n');
  }

  kubectl(args: readonly string[], { input = '' }: { input?: string } = {}): Promise<string> {
    const all = ['--kubeconfig', this.kubeconfigPath, ...args];
    return new Promise((resolve, reject) => {
      const child = execFile(
        join(this.binDir, 'kubectl'),
        all,
        { env: plainEnv(this.dir), maxBuffer: 256 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`kubectl ${args.join(' ')} failed: ${stderr.trim() || error.message}`));
        },
      );
      // It may exit without reading what we send; its own error says more than a broken pipe.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  }

  apply(yaml: string): Promise<string> {
    return this.kubectl(['apply', '-f', '-'], { input: yaml });
  }

  async applyCrds(vendors?: readonly string[]): Promise<void> {
    const folder = fileURLToPath(new URL('../crds', import.meta.url));
    await this.applyDefinitions(vendors?.map((vendor) => join(folder, `${vendor}.yaml`)) ?? [folder]);
  }

  async applyDefinitions(files: readonly string[]): Promise<void> {
    const flags = files.flatMap((file) => ['-f', file]);
    // The quickest way for a fixed set: no lookup of each object, no download of the whole OpenAPI document.
    const applied = await this.kubectl(['apply', '--server-side', '--validate=false', '-o', 'name', ...flags]);
    const names = applied
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf('/') + 1));
    await this.untilServed(new Set(names));
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    { token = this.token, contentType = 'application/json' }: RequestOptions = {},
  ): Promise<ApiResponse> {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': contentType };
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return send(new URL(path, this.url), { method, headers, ca: this.ca, agent: false }, payload);
  }

  private async startEtcd(clientUrl: string, peerUrl: string): Promise<void> {
    const daemon = this.daemons.start('etcd', [
      ...['--name', 'test', '--data-dir', join(this.dir, 'etcd'), '--log-level', 'warn'],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `test=${peerUrl}`],
      // Nobody wants this data after a crash, and disks on CI machines make fsync slow.
      '--unsafe-no-fsync',
    ]);
    const healthy = () => isOk(() => send(new URL('/health', clientUrl), { method: 'GET' }));
    await untilReady(daemon, healthy, { timeoutMs: this.readyTimeoutMs, what: 'etcd was healthy' });
  }

  private prepareApiServer(etcdUrl: string, securePort: string): string[] {
    const keyFile = join(this.dir, 'service-account.key');
    const tokenFile = join(this.dir, 'tokens.csv');
    writeFileSync(keyFile, serviceAccountKey(), { mode: 0o600 });
    const admin = { token: this.token, user: 'admin', groups: ['system:masters'] };
    writeFileSync(tokenFile, tokenTable([admin, ...(this.options.tokens ?? [])]), { mode: 0o600 });
    return [
      ...['--etcd-servers', etcdUrl, '--cert-dir', this.dir],
      ...['--bind-address', LOOPBACK, '--secure-port', securePort, '--advertise-address', LOOPBACK],
      // The Service "kubernetes" may not point to a loopback address, and no pod here will ever call it.
      ...['--endpoint-reconciler-type', 'none'],
      ...['--token-auth-file', tokenFile, '--authorization-mode', 'RBAC'],
      ...['--service-account-issuer', 'https://kubernetes.default.svc'],
      ...['--service-account-key-file', keyFile, '--service-account-signing-key-file', keyFile],
      ...['--service-cluster-ip-range', '10.96.0.0/16'],
      // With it, a pod is refused until a controller has made its namespace's service account.
      ...['--disable-admission-plugins', 'ServiceAccount'],
      // Without it, open watches hold up a stop for a minute.
      ...['--shutdown-watch-termination-grace-period', '1s'],
      ...(this.options.apiServerArgs ?? []),
    ];
  }

  /** `kubectl wait` would do, one definition after the other: four seconds instead of well under one. */
  private async untilServed(names: ReadonlySet<string>): Promise<void> {
    if (this.apiServer === undefined) return;
    const probe = async () => {
      const { body } = await this.request('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
      const wanted = (body as { items: CrdFacts[] }).items.filter(({ metadata }) => names.has(metadata.name));
      const isKnown = wanted.length === names.size && wanted.every(isEstablished) && (await this.isDiscovered(wanted));
      return isKnown && (await this.isStored(wanted));
    };
    await untilReady(this.apiServer, probe, { timeoutMs: this.readyTimeoutMs, what: 'the definitions were served' });
  }

  /** Discovery follows a moment after the condition, and it is where clients look a kind up. */
  private async isDiscovered(crds: readonly CrdFacts[]): Promise<boolean> {
    const wanted = crds.flatMap(({ spec }) => spec.versions.map(({ name }) => `/apis/${spec.group}/${name}`));
    const lists = await Promise.all(
      [...new Set(wanted)].map(async (path) => [path, await this.resources(path)] as const),
    );
    const served = new Map(lists);
    return crds.every(({ spec }) =>
      spec.versions.every(({ name }) => served.get(`/apis/${spec.group}/${name}`)?.includes(spec.names.plural)),
    );
  }

  /** For a moment after that, lists are still refused with 429 while storage is made ready. */
  private async isStored(crds: readonly CrdFacts[]): Promise<boolean> {
    const lists = crds.flatMap(({ spec }) =>
      spec.versions.map(({ name }) => `/apis/${spec.group}/${name}/${spec.names.plural}?limit=1`),
    );
    const answers = await Promise.all(lists.map((path) => this.request('GET', path)));
    return answers.every(({ status }) => status === 200);
  }

  private async resources(path: string): Promise<string[]> {
    const { status, body } = await this.request('GET', path);
    return status === 200 ? (body as { resources: { name: string }[] }).resources.map(({ name }) => name) : [];
  }

  private async isApiReady(): Promise<boolean> {
    if (this.ca === '' && !this.loadCa()) return false;
    const ready = await isOk(() => this.request('GET', '/readyz'));
    // Made by a controller inside the API server, a moment after it calls itself ready.
    return ready && isOk(() => this.request('GET', '/api/v1/namespaces/default'));
  }

  /** The API server makes its own certificate at its first start: its file holds the certificate, then the CA's. */
  private loadCa(): boolean {
    const certificates = readIfThere(join(this.dir, 'apiserver.crt')).match(PEM_CERTIFICATE) ?? [];
    const ca = certificates[1];
    if (ca === undefined) return false;
    this.ca = `${ca}\n`;
    this.caData = Buffer.from(this.ca).toString('base64');
    writeFileSync(this.caFile, this.ca);
    return true;
  }

  private async startNodes(): Promise<void> {
    await Promise.all(NODES.map((node) => this.create('/api/v1/nodes', nodeObject(node))));
    const kwok = this.daemons.start('kwok', [
      ...['--kubeconfig', this.kubeconfigPath, '--config', kwokStagesFile()],
      ...['--manage-all-nodes=true', '--node-lease-duration-seconds', '40'],
    ]);
    const qps = this.options.kubeApiQps ?? 200;
    const client = ['--kubeconfig', this.kubeconfigPath, '--kube-api-qps', `${qps}`, '--kube-api-burst', `${2 * qps}`];
    // One of each, so there is no leader to elect; and nobody asks for their metrics, so there is no port to take.
    const single = ['--leader-elect=false', '--secure-port', '0'];
    const serviceAccounts = ['--service-account-private-key-file', join(this.dir, 'service-account.key')];
    const manager = this.daemons.start('kube-controller-manager', [
      ...[...client, ...single, ...serviceAccounts],
      ...['--root-ca-file', this.caFile],
    ]);
    const scheduler = this.daemons.start('kube-scheduler', [...client, ...single]);
    const wait = { timeoutMs: this.readyTimeoutMs, what: 'all nodes were ready' };
    await Promise.all([kwok, manager, scheduler].map((daemon) => untilReady(daemon, () => this.areNodesReady(), wait)));
  }

  private async create(path: string, object: unknown): Promise<void> {
    const { status, body } = await this.request('POST', path, object);
    if (status !== 201) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
  }

  private async areNodesReady(): Promise<boolean> {
    const { body } = await this.request('GET', '/api/v1/nodes');
    const { items } = body as { items: NodeFacts[] };
    return items.length === NODES.length && items.every(isSchedulable);
  }
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

interface CrdFacts {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

function isEstablished({ status }: CrdFacts): boolean {
  return hasCondition(status?.conditions, 'Established');
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** A server that has not looked at an object yet says null. */
function hasCondition(conditions: readonly Condition[] | null | undefined, wanted: string): boolean {
  return (conditions ?? []).some(({ type, status }) => type === wanted && status === 'True');
}

interface NodeFacts {
  readonly spec: { readonly taints?: readonly unknown[] };
  readonly status: { readonly conditions?: readonly Condition[] };
}

function isSchedulable(node: NodeFacts): boolean {
  return hasCondition(node.status.conditions, 'Ready') && (node.spec.taints ?? []).length === 0;
}

function nodeObject({ name, podCIDR, internalIP }: (typeof NODES)[number]): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR, podCIDRs: [podCIDR] },
    status: {
      addresses: [
        { type: 'InternalIP', address: internalIP },
        { type: 'Hostname', address: name },
      ],
    },
  };
}

function serviceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'sec1', format: 'pem' }) as string;
}

/** The CSV of --token-auth-file: token, user, uid, and the groups in one quoted column. */
function tokenTable(tokens: readonly TokenSpec[]): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const row = ({ token, user, groups = [] }: TokenSpec) => [token, user, user, groups.join(',')].map(quote).join(',');
  return `${tokens.map(row).join('\n')}\n`;
}

/** Ports nobody listens on now. All are held until the last is known, so they differ from each other. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenAnywhere(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => resolve(server));
  });
}

function send(url: URL, options: Parameters<typeof httpsRequest>[1], payload?: string): Promise<ApiResponse> {
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = open(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks)) }));
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function parsed(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function isOk(ask: () => Promise<ApiResponse>): Promise<boolean> {
  try {
    return (await ask()).status === 200;
  } catch {
    return false; // not listening yet
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
