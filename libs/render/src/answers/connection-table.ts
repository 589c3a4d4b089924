import { oncePer, peerLabel, type ConnectionView, type ListPeer } from '#engine';

import type { Column, Table } from '../table/table.js';

export const CONNECTION_COLUMNS: readonly Column[] = [
  { title: 'source' },
  { title: 'source kind', wide: true },
  { title: 'destination' },
  { title: 'destination kind', wide: true },
  { title: 'connections' },
  { title: 'pairs', wide: true },
];

/** The cells of a row under `CONNECTION_COLUMNS`. */
export function connectionCells({ source, destination, connections, pairs, of }: ConnectionView): readonly string[] {
  const count = pairs === of ? String(pairs) : `${pairs} of ${of}`;
  return [peerText(source), source.kind, peerText(destination), destination.kind, connections, count];
}

export function connectionTable(rows: readonly ConnectionView[]): Table {
  return { columns: CONNECTION_COLUMNS, rows: rows.map(connectionCells) };
}

/** As `peerLabel`, with a word before what is outside. Few peers are in very many rows. */
export const peerText = oncePer((peer: ListPeer): string =>
  peer.kind === 'Addresses' ? `outside ${peerLabel(peer)}` : peerLabel(peer),
);

/** Sources down, destinations across; a cell has the connections, with how many pairs have them where it is not all. */
export function matrixTable(rows: readonly ConnectionView[]): Table {
  const sources = [...new Set(rows.map(({ source }) => peerText(source)))];
  const destinations = [...new Set(rows.map(({ destination }) => peerText(destination)))].sort();
  const cells = new Map(
    rows.map(({ source, destination, connections, pairs, of }) => [
      `${peerText(source)}\u0000${peerText(destination)}`,
      pairs === of ? connections : `${connections} (${pairs} of ${of})`,
    ]),
  );
  return {
    columns: [{ title: 'from \\ to' }, ...destinations.map((title) => ({ title, isName: true }))],
    rows: sources.map((source) => [
      source,
      ...destinations.map((destination) => cells.get(`${source}\u0000${destination}`) ?? '-'),
    ]),
  };
}
