import type { ChangePage, ChangeView, PlacedChange } from '#analysis';
import type { Connection, Edge } from '../graphql/model/connection.model.js';
import type { AskedPage } from '../graphql/page.args.js';
import type { Shape } from '../graphql/model/shape.js';
import { toConnection } from '../graphql/shared.mapper.js';
import type { ChangeModel } from './dto/change.model.js';

function toChange(change: ChangeView): Shape<ChangeModel> {
  return change;
}

export function toChangeEdge({ cursor, change }: PlacedChange): Edge<Shape<ChangeModel>> {
  return { cursor, node: toChange(change) };
}

export function toChangeConnection(page: ChangePage, args: AskedPage): Connection<Shape<ChangeModel>> {
  const nodes = page.items.map(({ change }) => toChange(change));
  const cursorAfter = (index: number): string => page.items[index]?.cursor ?? '';
  return toConnection(nodes, { nextCursor: page.nextCursor, cursorAfter }, args);
}
