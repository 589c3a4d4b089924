import type { Provenance, WholeConnections } from '#analysis';
import { connectionGraph, matrixTable, type Exhibit } from '#render';

/** The rows as table and picture. */
export function exhibitOf(found: WholeConnections): Exhibit {
  return {
    data: found.rows,
    table: () => matrixTable(found.rows),
    graph: () => connectionGraph(found.rows, titleOf(found)),
  };
}

export function titleOf({ asOf }: Provenance): string {
  return `Connections in ${asOf.cluster}, snapshot ${String(asOf.seq)}`;
}
