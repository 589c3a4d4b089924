import { counted, type ConnectionView } from '#engine';

import type { ListOptions } from './question-options.js';

type Asked = Pick<ListOptions, 'from' | 'to' | 'protocol' | 'port' | 'verdict'>;

/** The answer in one line: `7 sources can reach shop/db on port 5432`. */
export function whoHeadline(asked: Asked, connections: readonly ConnectionView[]): string {
  const { from = '', to, protocol = '', port, verdict } = asked;
  const can = verdict === 'unknown' ? 'may, as far as can be told, reach' : 'can reach';
  const by = [protocol, port === undefined ? '' : `port ${port}`].filter(Boolean).join(' ');
  const on = by === '' ? '' : ` on ${by}`;
  if (to === undefined) return `${from} ${can} ${counts(connections, 'destination')}${on}`;
  const of = from === '' ? '' : ` of ${from}`;
  return `${counts(connections, 'source')}${of} ${can} ${to}${on}`;
}

function counts(connections: readonly ConnectionView[], side: 'source' | 'destination'): string {
  const count = new Set(connections.map((row) => JSON.stringify(row[side]))).size;
  return count === 0 ? 'nothing' : counted(count, side);
}
