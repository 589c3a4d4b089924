import type { CniDetection } from '#engine';
import type { Database } from './database.js';
import { withStoreErrors } from './store-error.js';

/** What a cluster was found to run as its network plugin, from some time on. */
export interface CniChangeRecord {
  /** From 1, in order of time. */
  readonly number: number;
  readonly seenAt: Date;
  /** The newest snapshot at that time, 0 when there was none. */
  readonly seq: number;
  readonly cni: CniDetection;
}

/** The network plugins that clusters ran. A trigger writes them; see the migration `history`. */
export class CniChangeRepository {
  constructor(private readonly database: Database) {}

  /** At most `limit`, newest first, older than number `before` when it is given. */
  async list(clusterId: string, limit: number, before?: number): Promise<CniChangeRecord[]> {
    const rows = await withStoreErrors(() =>
      this.database.prisma.cniChange.findMany({
        where: { clusterId, ...(before === undefined ? {} : { number: { lt: before } }) },
        orderBy: { number: 'desc' },
        take: limit,
      }),
    );
    return rows.map(({ number, seenAt, seq, cni }) => ({ number, seenAt, seq, cni: cni as unknown as CniDetection }));
  }
}
