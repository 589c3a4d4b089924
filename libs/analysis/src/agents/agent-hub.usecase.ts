import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { runAsSystem, WHOLE_SCOPE } from '#access';
import { AppError, type AgentPositions, type AgentReport } from '#contracts';
import type { Fact } from '#engine';
import { AgentRepository, ClusterRepository, SnapshotRepository, type ClusterRecord, type KeptRead } from '#store';
import { readAgentBatch } from './agent-batch.js';

const TOKEN_PREFIX = 'atlas_agent_';
/** Batches that one process takes at a time; an agent that is refused waits and gathers. */
const CONCURRENT_BATCHES = 4;

/** The session of an agent, by which it numbers its batches. */
export interface AgentSession {
  readonly session: string;
  readonly cluster: { readonly id: string; readonly name: string };
}

/** What became of a batch. */
export interface AgentReceipt {
  /** Everything up to this batch is stored. */
  readonly ack: number;
  readonly seq: number;
  readonly changed: number;
  readonly created: boolean;
  readonly counts: Readonly<Record<string, number>>;
}

/** Where the agent of a cluster goes on. */
export interface AgentPosition {
  /** Null when none has said how far it read: everything is to be listed. */
  readonly kept: KeptRead | null;
  /** What it must know of kinds that it will not list. */
  readonly facts: readonly Fact[];
}

/** Takes what agents send from clusters that cannot be reached from here. */
@Injectable()
export class AgentHub {
  private taking = 0;

  constructor(
    @Inject(AgentRepository) private readonly agents: AgentRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
  ) {}

  /** Makes a token for the agent of a cluster. It is told this once: only its hash is kept, and an earlier one ends. */
  async issueToken(ref: string): Promise<{ readonly token: string }> {
    const cluster = await this.clusters.get(ref);
    if (cluster.source.type !== 'agent') {
      throw new AppError(
        'conflict',
        `cluster \`${cluster.name}\` is read from \`${cluster.source.type}\`, only clusters of source \`agent\` have a token`,
      );
    }
    const token = `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
    await this.agents.saveTokenHash(cluster.id, hashOf(token));
    return { token };
  }

  /** The cluster that the bearer of a token speaks for. Throws `agent.token_invalid`, `cluster.paused`. */
  async authenticate(authorization: string | undefined): Promise<ClusterRecord> {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
    const id = token.startsWith(TOKEN_PREFIX) ? await this.agents.findCluster(hashOf(token)) : null;
    // The token is the right to this cluster; nobody's roles are asked.
    const cluster = id === null ? null : await runAsSystem('agent', () => this.clusters.find(id));
    if (cluster === null) {
      throw new AppError('agent.token_invalid', 'the token of the agent is not valid, issue a new one for its cluster');
    }
    if (cluster.paused) throw new AppError('cluster.paused', `cluster \`${cluster.name}\` is paused, resume it first`);
    return cluster;
  }

  /** Begins a session; an earlier one of the same cluster cannot write any more. */
  async openSession(cluster: ClusterRecord): Promise<AgentSession> {
    const { epoch } = await this.agents.openSession(cluster.id);
    return { session: epoch, cluster: { id: cluster.id, name: cluster.name } };
  }

  /**
   * Stores a batch; one that is stored already, or older than that, is acknowledged and left. Throws `agent.busy`,
   * `request.invalid`, `cluster.lease_lost`.
   */
  async take(cluster: ClusterRecord, session: string, sequence: number, bytes: Uint8Array): Promise<AgentReceipt> {
    if (this.taking >= CONCURRENT_BATCHES) throw new AppError('agent.busy', 'too many batches at once, try again soon');
    this.taking += 1;
    try {
      const batch = await readAgentBatch(bytes);
      const lease = { clusterId: cluster.id, epoch: session };
      const stored = await this.agents.persist(lease, sequence, batch);
      const seq = stored?.seq ?? (await this.snapshots.latest(cluster.id))?.seq ?? 0;
      const counts =
        stored?.created === true ? await this.snapshots.countKinds(cluster.id, seq, WHOLE_SCOPE) : cluster.counts;
      if (stored?.created === true) await this.clusters.report(lease, { counts });
      return { ack: sequence, seq, changed: stored?.changed ?? 0, created: stored?.created ?? false, counts };
    } finally {
      this.taking -= 1;
    }
  }

  /** Writes what an agent says of its cluster. Throws `cluster.lease_lost`. */
  async report(cluster: ClusterRecord, session: string, { lastSyncedAt, ...report }: AgentReport): Promise<void> {
    const lease = { clusterId: cluster.id, epoch: session };
    // What an agent knows is no newer than now, whatever its clock says.
    const at = lastSyncedAt === undefined ? undefined : new Date(Math.min(Date.parse(lastSyncedAt), Date.now()));
    const said = Object.entries({ ...report, lastSyncedAt: at }).filter(([, value]) => value !== undefined);
    await this.clusters.report(lease, Object.fromEntries(said));
  }

  /** How far an agent of the cluster had read when it said so last. */
  async position(cluster: ClusterRecord): Promise<AgentPosition> {
    const facts: Fact[] = [];
    const kept = await this.snapshots.resume(cluster.id, (fact) => facts.push(fact));
    return { kept, facts };
  }

  /** Keeps how far an agent has read. Throws `cluster.lease_lost`. */
  async keepPosition(cluster: ClusterRecord, session: string, positions: AgentPositions): Promise<void> {
    await this.clusters.savePositions({ clusterId: cluster.id, epoch: session }, positions);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
