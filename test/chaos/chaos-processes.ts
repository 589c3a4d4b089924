import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type EmbeddedPostgres, applyMigrations, startEmbeddedPostgres } from '#store';

import { RoleProcess } from '../support/role-process.js';
import { TcpGate } from '../support/tcp-gate.js';

export const SECRET_KEY = 'cd'.repeat(32);
export const VICTIMS = ['sync-1', 'sync-2', 'worker', 'api', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];
type Role = Exclude<Victim, 'postgres'>;

/** The service as processes: two of sync, a worker, an API, and the database behind an address that stays. */
export class ChaosProcesses {
  private readonly roles = new Map<Role, RoleProcess>();
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'atlas-chaos-'));

  private constructor(
    private postgres: EmbeddedPostgres | null,
    private readonly gate: TcpGate,
    readonly databaseUrl: string,
  ) {}

  static async start(): Promise<ChaosProcesses> {
    const gate = await TcpGate.start('http://127.0.0.1:1');
    const processes = new ChaosProcesses(null, gate, '');
    const url = await processes.startPostgres();
    url.port = String(gate.port);
    Object.assign(processes, { databaseUrl: url.href });
    await applyMigrations(url.href);
    for (const victim of VICTIMS) if (victim !== 'postgres') processes.startRole(victim);
    return processes;
  }

  /** Kills one with no warning and starts it again at once, without waiting until it is ready. */
  async kill(victim: Victim): Promise<void> {
    if (victim !== 'postgres') {
      await this.roles.get(victim)?.end('SIGKILL');
      this.startRole(victim);
      return;
    }
    if (this.postgres) process.kill(this.postgres.pid, 'SIGKILL');
    await this.postgres?.failed.catch(() => undefined);
    await this.postgres?.stop().catch(() => undefined);
    await this.startPostgres();
  }

  /** Starts again what could not start because the database was away. */
  revive(): void {
    for (const [role, running] of this.roles) if (!running.isAlive) this.startRole(role);
  }

  /** The address of the API; null while it starts. */
  get apiUrl(): string | null {
    const { url = '' } = this.roles.get('api') ?? {};
    return url === '' ? null : url;
  }

  logOf(role: Role): string {
    return this.roles.get(role)?.log ?? '';
  }

  async stop(): Promise<void> {
    await Promise.all([...this.roles.values()].map((role) => role.end('SIGKILL')));
    await this.gate.stop();
    await this.postgres?.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private startRole(victim: Role): void {
    const role = victim.replace(/-\d$/, '');
    const env = {
      DATABASE_URL: this.databaseUrl,
      ATLAS_SECRET_KEY: SECRET_KEY,
      HTTP_PORT: '0',
      SYNC_FLUSH_INTERVAL_MS: '20',
      SYNC_LEASE_SECONDS: '2',
    };
    this.roles.set(victim, RoleProcess.built(role, env));
  }

  private async startPostgres(): Promise<URL> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.postgres = await startEmbeddedPostgres({ dataDir: this.dataDir });
        break;
      } catch (error) {
        // Sessions of the killed server may still be on their way out.
        if (attempt === 20) throw error;
        await sleep(250);
      }
    }
    const url = new URL(this.postgres.url.reveal());
    this.gate.retarget(`http://127.0.0.1:${this.postgres.port}`);
    this.gate.cut();
    return url;
  }
}
