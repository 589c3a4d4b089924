import type { CniHistoryPage, SnapshotListPage, SnapshotPage, SnapshotView } from '#analysis';
import type { NodeCni } from '#engine';
import { cniToBody, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { cniHistoryBody, cniNodeListBody, snapshotBody, snapshotListBody } from './history.body.js';

export type SnapshotBody = Body<typeof snapshotBody>;
export type SnapshotListBody = Body<typeof snapshotListBody>;
export type CniHistoryBody = Body<typeof cniHistoryBody>;
export type CniNodeListBody = Body<typeof cniNodeListBody>;

export function snapshotToBody(snapshot: SnapshotView): SnapshotBody {
  const { storedAt, digest, objectCount, pinned } = snapshot;
  return { storedAt: storedAt.toISOString(), digest, objectCount, pinned, ...provenanceToBody(snapshot) };
}

export function snapshotsToBody({ items, nextCursor }: SnapshotListPage, limit: number): SnapshotListBody {
  return { items: items.map(snapshotToBody), page: { limit, nextCursor } };
}

export function cniHistoryToBody(page: CniHistoryPage, limit: number): CniHistoryBody {
  return {
    items: page.items.map(({ number, seenAt, seq, cni, changes }) => ({
      number,
      seenAt: seenAt.toISOString(),
      seq,
      cni: cniToBody(cni),
      changes,
    })),
    page: { limit, nextCursor: page.nextCursor },
    ...provenanceToBody(page),
  };
}

export function cniNodesToBody(page: SnapshotPage<NodeCni>, limit: number): CniNodeListBody {
  const { items, total, nextCursor } = page;
  return { items, total, page: { limit, nextCursor }, ...provenanceToBody(page) };
}
