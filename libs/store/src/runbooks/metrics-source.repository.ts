import type { Secret } from '#config';
import { CredentialSeal } from '../credential-seal.js';
import type { Database } from '../database.js';
import { withStoreErrors } from '../store-error.js';

/** Where a cluster's metrics are, without secrets. */
export interface MetricsSourceRecord {
  readonly url: string;
  readonly tenant: string | null;
  readonly timeoutMs: number;
  /** Whether credentials are kept. */
  readonly hasCredentials: boolean;
  readonly updatedAt: Date;
}

/** What is sealed: any of them may be absent. */
export interface MetricsCredentials {
  readonly token?: string | undefined;
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface NewMetricsSource {
  readonly url: string;
  readonly tenant: string | null;
  readonly timeoutMs: number;
  readonly credentials: MetricsCredentials;
}

/** Metrics sources by cluster; their credentials are sealed and leave through `open` alone. */
export class MetricsSourceRepository {
  readonly #seal: CredentialSeal;

  /** `secretKey` null: sources with credentials are refused. */
  constructor(
    private readonly database: Database,
    secretKey: Secret | null,
  ) {
    this.#seal = new CredentialSeal(secretKey);
  }

  /** Sets a cluster's source in place of the one before. */
  async set(clusterId: string, source: NewMetricsSource): Promise<MetricsSourceRecord> {
    const { credentials, ...plain } = source;
    const isEmpty = Object.values(credentials).every((value) => value === undefined);
    const sealed = isEmpty ? null : new Uint8Array(this.#seal.seal(JSON.stringify(credentials), context(clusterId)));
    const data = { ...plain, sealed, updatedAt: new Date() };
    const row = await withStoreErrors(() =>
      this.database.prisma.metricsSource.upsert({
        where: { clusterId },
        create: { clusterId, ...data },
        update: data,
      }),
    );
    return toRecord(row);
  }

  async get(clusterId: string): Promise<MetricsSourceRecord | null> {
    const row = await withStoreErrors(() => this.database.prisma.metricsSource.findUnique({ where: { clusterId } }));
    return row === null ? null : toRecord(row);
  }

  /** The source with its credentials, for use at once. Throws `cluster.credentials_invalid` under another key. */
  async open(clusterId: string): Promise<NewMetricsSource | null> {
    const row = await withStoreErrors(() => this.database.prisma.metricsSource.findUnique({ where: { clusterId } }));
    if (row === null) return null;
    const { url, tenant, timeoutMs, sealed } = row;
    const text = sealed === null ? '{}' : this.#seal.open(sealed, context(clusterId)).reveal();
    return { url, tenant, timeoutMs, credentials: JSON.parse(text) as MetricsCredentials };
  }

  /** True when there was one. */
  async remove(clusterId: string): Promise<boolean> {
    const { count } = await withStoreErrors(() =>
      this.database.prisma.metricsSource.deleteMany({ where: { clusterId } }),
    );
    return count > 0;
  }
}

/** Not the context of kubeconfigs: one sealed text never opens in the place of another. */
function context(clusterId: string): string {
  return `${clusterId} metrics`;
}

function toRecord(row: {
  readonly url: string;
  readonly tenant: string | null;
  readonly timeoutMs: number;
  readonly sealed: Uint8Array | null;
  readonly updatedAt: Date;
}): MetricsSourceRecord {
  const { url, tenant, timeoutMs, sealed, updatedAt } = row;
  return { url, tenant, timeoutMs, hasCredentials: sealed !== null, updatedAt };
}
