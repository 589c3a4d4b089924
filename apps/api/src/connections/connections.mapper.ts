import type { Provenance, WholeConnections } from '#analysis';
import type { RowVerdict } from '#engine';
import { connectionGraph, matrixTable, type Exhibit, type Graph } from '#render';

/** The rows as table and picture. */
export function exhibitOf(found: WholeConnections, verdict: RowVerdict): Exhibit {
  return { data: found.rows, table: () => matrixTable(found.rows), graph: () => graphOf(found, verdict) };
}

export function graphOf(found: WholeConnections, verdict: RowVerdict): Graph {
  return connectionGraph(found.rows, titleOf(found), verdict);
}

function titleOf({ asOf }: Provenance): string {
  return `Connections in ${asOf.cluster}, snapshot ${String(asOf.seq)}`;
}
