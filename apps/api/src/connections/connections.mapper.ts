import type { Provenance, WholeConnections } from '#analysis';
import type { RowVerdict } from '#engine';
import { connectionGraph, matrixTable, type Exhibit, type Graph } from '#render';

/** The rows as table and picture. */
export function exhibitOf(found: WholeConnections, verdict: RowVerdict): Exhibit {
  return { data: found.rows, table: () => matrixTable(found.rows), graph: () => graphOf(found, verdict) };
}

export function graphOf(found: WholeConnections, verdict: RowVerdict): Graph {
  return connectionGraph(found.rows, `Connections in ${placeOf(found)}`, verdict);
}

/** Which state of which cluster a picture is about. */
export function placeOf({ asOf }: Provenance): string {
  return `${asOf.cluster}, snapshot ${String(asOf.seq)}`;
}
