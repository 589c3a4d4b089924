import type { CniChangeView, CniHistoryPage, SnapshotListPage, SnapshotPage, SnapshotView } from '#analysis';
import type { NodeCni } from '#engine';
import type { AnswerConnection, Connection } from '../graphql/model/connection.model.js';
import type { AskedPage } from '../graphql/page.args.js';
import type { Shape } from '../graphql/model/shape.js';
import { toAnswer, toAnswerConnection, toCni, toConnection } from '../graphql/shared.mapper.js';
import type { CniChangeModel, NodeCniModel, SnapshotModel } from './dto/history.model.js';

export function toSnapshot(snapshot: SnapshotView): Shape<SnapshotModel> {
  const { storedAt, digest, objectCount, pinned } = snapshot;
  return { __typename: 'Snapshot', storedAt, digest, objectCount, pinned, ...toAnswer(snapshot) };
}

export function toSnapshotConnection(page: SnapshotListPage, args: AskedPage): Connection<Shape<SnapshotModel>> {
  return toConnection(page.items.map(toSnapshot), page, args);
}

function toCniChange({ number, seenAt, seq, cni, changes }: CniChangeView): Shape<CniChangeModel> {
  return { number, seenAt, seq, cni: toCni(cni), changes };
}

export function toCniChangeConnection(page: CniHistoryPage, args: AskedPage): Connection<Shape<CniChangeModel>> {
  return toConnection(page.items.map(toCniChange), page, args);
}

export function toNodeCniConnection(
  page: SnapshotPage<NodeCni>,
  args: AskedPage,
): AnswerConnection<Shape<NodeCniModel>> {
  return toAnswerConnection(page, args, (node) => node);
}
