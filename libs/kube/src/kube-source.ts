import { field, kindId, MESH_WEBHOOK, text, WATCHED_KINDS } from '#engine';
import { type Log, silentLog } from '#telemetry';
import pLimit from 'p-limit';

import { Backoff, isAborted, pause } from './backoff.js';
import { type Discovery, DiscoveryClient, type ServedKind } from './discovery.js';
import { KindWatcher, type WatcherHost } from './kind-watcher.js';
import { KubeFault, connectionFault, faultToAppError } from './kube-fault.js';
import { KubeTransport } from './kube-transport.js';
import type { KubeAccess } from './kubeconfig.js';
import { NamedPoller } from './named-poller.js';
import { clusterIdentity, offersStreamedLists } from './server-facts.js';
import type { ChangeSource, KindPosition, SourcePositions, SourceSink } from './source-event.js';
import { WATCH_SETTINGS, type WatchSettings } from './watch-settings.js';

/** What a server says of itself. */
export interface KubeProbe {
  /** As `v1.37.2`. */
  readonly version: string;
  readonly server: string;
  /** `kindId`s of the watched kinds that it serves, sorted. */
  readonly kinds: readonly string[];
}

export interface KubeSourceOptions {
  readonly settings?: Partial<WatchSettings>;
  readonly log?: Log;
}

type Reader = KindWatcher | NamedPoller;

/** The state of one live cluster: lists and watches every watched kind that its kube-apiserver serves. Reads only. */
export class KubeSource implements ChangeSource {
  private readonly settings: WatchSettings;
  private readonly log: Log;
  private readonly readers = new Map<string, Reader>();
  /** Kinds that were reported as not served or not to be told, by what was said. */
  private readonly absent = new Map<string, string>();
  private wake = new AbortController();
  private connection: { ok: boolean; message: string } | null = null;
  private freshAt = 0;
  private discoveryFailed = false;
  private identity = '';
  private resumed: SourcePositions | null = null;
  private isFollowed = false;

  constructor(
    private readonly access: KubeAccess,
    options: KubeSourceOptions = {},
  ) {
    this.settings = { ...WATCH_SETTINGS, ...options.settings };
    this.log = options.log ?? silentLog;
  }

  /**
   * Connects once. Throws `AppError`: `cluster.source_invalid` for the kubeconfig (file, context, field),
   * `cluster.unreachable` for the network and TLS, `cluster.credentials_invalid` when the server refuses the user.
   */
  async probe(signal: AbortSignal = new AbortController().signal): Promise<KubeProbe> {
    const transport = await KubeTransport.create(this.access, this.settings.requestTimeoutMs);
    try {
      const version = await transport.getJson('/version', { signal, what: 'the version' });
      const { served } = await new DiscoveryClient(transport).discover(signal);
      const kinds = [...served.keys()].sort();
      return { version: text(field(version, 'gitVersion')), server: transport.server, kinds };
    } catch (error) {
      throw faultToAppError(error);
    } finally {
      transport.close();
    }
  }

  /** Throws `AppError` when the kubeconfig cannot be used. Everything later is reported and tried again. */
  async run(sink: SourceSink, signal: AbortSignal, resume: SourcePositions | null = null): Promise<void> {
    const transport = await KubeTransport.create(this.access, this.settings.requestTimeoutMs);
    this.readers.clear();
    const heartbeat = setInterval(() => this.beat(sink), this.settings.heartbeatIntervalMs);
    const onAbort = (): void => this.wake.abort();
    signal.addEventListener('abort', onAbort);
    try {
      await this.superviseKinds(transport, sink, signal, resume);
    } finally {
      clearInterval(heartbeat);
      signal.removeEventListener('abort', onAbort);
      await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
      this.absent.clear();
      transport.close();
    }
  }

  positions(): SourcePositions {
    const kinds: Record<string, KindPosition> = {};
    for (const [id, reader] of this.readers) {
      const position = reader.position();
      if (position !== null) kinds[id] = position;
    }
    return { identity: this.identity, kinds };
  }

  resync(): void {
    for (const reader of this.readers.values()) reader.resync();
    this.wake.abort();
  }

  private async superviseKinds(
    transport: KubeTransport,
    sink: SourceSink,
    signal: AbortSignal,
    resume: SourcePositions | null,
  ): Promise<void> {
    const client = new DiscoveryClient(transport);
    const backoff = new Backoff(this.settings.backoff);
    const limit = pLimit(this.settings.concurrentLists);
    const host: WatcherHost = {
      transport,
      settings: this.settings,
      sink,
      log: this.log,
      offersStreamedLists: false,
      withListSlot: (work) => limit(work),
      onSettled: () => {
        // The first whole state is waited for, and so is one that someone asked for.
        if (this.isFollowed) this.beat(sink);
      },
      onVanished: () => this.wake.abort(),
    };
    while (!signal.aborted) {
      this.wake = new AbortController();
      let waitMs = this.settings.discoveryIntervalMs;
      try {
        const discovery = await client.discover(signal);
        if (!this.isFollowed) await this.meet(host, resume, signal);
        await this.follow(discovery, host);
        this.isFollowed = true;
        backoff.reset();
        this.discoveryFailed = false;
      } catch (error) {
        if (isAborted(signal)) return;
        const fault = error instanceof KubeFault ? error : connectionFault(error, transport.server);
        this.discoveryFailed = true;
        this.setConnection(sink, false, fault.message);
        this.log.warn('API discovery failed', { fault: fault.type, why: fault.message });
        waitMs = backoff.next(fault.retryAfterMs);
      }
      await pause(waitMs, this.wake.signal);
      // A vanished kind wakes us before the server has forgotten it everywhere.
      if (this.wake.signal.aborted) await pause(200, signal);
    }
  }

  /** Finds out who answers: how it lists, and whether it is the cluster that was read before. */
  private async meet(host: WatcherHost, resume: SourcePositions | null, signal: AbortSignal): Promise<void> {
    host.offersStreamedLists = this.settings.streamLists && (await offersStreamedLists(host.transport, signal));
    this.identity = await clusterIdentity(host.transport, signal);
    this.resumed = resume !== null && resume.identity !== '' && resume.identity === this.identity ? resume : null;
  }

  /** Starts and stops readers so that they match what is served. */
  private async follow(discovery: Discovery, host: WatcherHost): Promise<void> {
    for (const watched of WATCHED_KINDS) {
      const id = kindId(watched);
      const served = discovery.served.get(id);
      const reader = this.readers.get(id);
      const reason = discovery.unknown.get(id);
      if (served) {
        this.absent.delete(id);
        if (reader?.kind.path === served.path) continue;
        await reader?.stop();
        this.startReader(served, host, discovery);
      } else if (reason !== undefined) {
        // What it said before may still hold: it is kept, but marked.
        if (this.absent.get(id) !== reason) host.sink({ type: 'incomplete', kind: id, reason });
        this.absent.set(id, reason);
      } else if (this.absent.get(id) !== '') {
        await reader?.stop();
        this.readers.delete(id);
        host.sink({ type: 'list', kind: id, facts: [], problems: [], complete: true });
        this.absent.set(id, '');
      }
    }
  }

  private startReader(served: ServedKind, host: WatcherHost, discovery: Discovery): void {
    const known = this.resumed?.kinds[served.id];
    const from = known?.path === served.path ? known : null;
    const reader =
      served.id === 'ConfigMap'
        ? new NamedPoller(served, host, discovery.served.get(MESH_WEBHOOK) ?? null)
        : new KindWatcher(served, host, from);
    this.readers.set(served.id, reader);
    reader.start();
  }

  /** The oldest of what the kinds are known to be, less those that are forbidden and said to be so. */
  private beat(sink: SourceSink): void {
    const healths = [...this.readers.values()].map((reader) => reader.health());
    const counted = healths.filter(({ fault }) => fault?.type !== 'forbidden' && fault?.type !== 'not-found');
    const broken = counted.find(({ fault, failures }) => fault !== null && failures > 1)?.fault;
    if (broken) this.setConnection(sink, false, broken.message);
    // A discovery that fails is taken back by the next one that works.
    else if (healths.length > 0 && !this.discoveryFailed) this.setConnection(sink, true, '');
    const times = counted.map(({ freshAt }) => freshAt);
    if (times.length === 0 || times.includes(null)) return;
    const oldest = Math.min(...(times as number[]));
    if (oldest <= this.freshAt) return;
    this.freshAt = oldest;
    sink({ type: 'heartbeat', at: new Date(oldest) });
  }

  private setConnection(sink: SourceSink, ok: boolean, message: string): void {
    if (this.connection?.ok === ok && this.connection.message === message) return;
    this.connection = { ok, message };
    sink({ type: 'connection', ok, message });
  }
}
