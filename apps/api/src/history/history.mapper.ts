import type { CniChangeView, CniHistoryPage, SnapshotView } from '#analysis';
import { pageToBody } from '../rest/page.mapper.js';
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

export function cniHistoryToBody(page: CniHistoryPage, limit: number): CniHistoryBody {
  return { ...pageToBody(page, limit, cniChangeToBody), ...provenanceToBody(page) };
}

function cniChangeToBody({ number, seenAt, seq, cni, changes }: CniChangeView): CniHistoryBody['items'][number] {
  return { number, seenAt: seenAt.toISOString(), seq, cni: cniToBody(cni), changes };
}
