import type { ChangePage, ChangeView, PlacedChange } from '#analysis';
import type { Shape } from '../graphql/model/shape.js';
import { toConnection } from '../graphql/shared.mapper.js';
import type { ChangeConnectionModel, ChangeEdgeModel, ChangeModel } from './dto/change.model.js';

function toChange(change: ChangeView): Shape<ChangeModel> {
  return change;
}

export function toChangeEdge({ cursor, change }: PlacedChange): Shape<ChangeEdgeModel> {
  return { cursor, node: toChange(change) };
}

export function toChangeConnection(page: ChangePage, hasPrevious: boolean): Shape<ChangeConnectionModel> {
  const nodes = page.items.map(({ change }) => toChange(change));
  const cursorAfter = (index: number): string => page.items[index]?.cursor ?? '';
  return toConnection(nodes, { nextCursor: page.nextCursor, cursorAfter }, hasPrevious);
}
