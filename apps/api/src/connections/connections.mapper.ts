import type { Provenance, WholeConnections } from '#analysis';
import type { RowVerdict } from '#engine';
import { connectionGraph, matrixTable, type Exhibit, type Graph, type GraphNode } from '#render';
import type { Body } from '../rest/schema-registry.js';
import type { connectionGraphBody } from './connections.body.js';

/** The rows as table and picture. */
export function exhibitOf(found: WholeConnections, verdict: RowVerdict): Exhibit {
  return { data: found.rows, table: () => matrixTable(found.rows), graph: () => graphOf(found, verdict) };
}

export function graphOf(found: WholeConnections, verdict: RowVerdict): Graph {
  return connectionGraph(found.rows, `Connections in ${placeOf(found)}`, verdict);
}

/** A node as data. Its border tells nothing in these pictures. */
export function nodeToBody({
  id,
  label,
  detail,
  kind,
  group,
  names,
}: GraphNode): Body<typeof connectionGraphBody>['nodes'][number] {
  return { id, label, detail, kind, group, ...(names !== undefined && { names: [...names] }) };
}

/** Which state of which cluster a picture is about. */
export function placeOf({ asOf }: Provenance): string {
  return `${asOf.cluster}, snapshot ${String(asOf.seq)}`;
}
