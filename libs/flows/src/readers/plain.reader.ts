import { BLANK_PEER, parsePeer, text } from '#engine';
import type { JsonObject, SeenPeer, SeenVerdict } from '#engine';

import type { FlowReader, Reading } from '../flow-reader.js';
import { count, service, time } from '../read-values.js';

const VERDICTS: readonly string[] = ['forwarded', 'dropped', 'audited', 'unknown'] satisfies readonly SeenVerdict[];

/** Flows as anyone writes them down: `{"src":"shop/web","dst":"shop/api","protocol":"TCP","port":8080}`. */
export const plain: FlowReader = {
  name: 'plain',
  knows: (record) => typeof record['src'] === 'string' || typeof record['dst'] === 'string',
  read: (record): Reading => {
    const source = peer(record, 'src');
    if (typeof source === 'string') return { wrong: source };
    const destination = peer(record, 'dst');
    if (typeof destination === 'string') return { wrong: destination };
    const asked = service(record['protocol'] ?? 'TCP', record['port']);
    if (typeof asked === 'string') return { wrong: asked };
    const verdict = text(record['verdict']) || 'forwarded';
    if (!VERDICTS.includes(verdict))
      return { wrong: `\`${verdict.slice(0, 40)}\` is no verdict, use ${VERDICTS.join(', ')}` };
    const seen = time(record['time']);
    return {
      flow: {
        source,
        destination,
        ...asked,
        direction: null,
        verdict: verdict as SeenVerdict,
        reason: text(record['reason']),
        policies: [],
        count: count(record['count']),
        firstSeen: seen,
        lastSeen: seen,
      },
    };
  },
};

function peer(record: JsonObject, side: 'src' | 'dst'): SeenPeer | string {
  const asked = text(record[side]).slice(0, 1024);
  if (asked === '') return `${side} is missing, name it as in a question: shop/web, 203.0.113.9, host:example.com`;
  const parsed = parsePeer(asked);
  return 'error' in parsed ? `${side}: ${parsed.error}` : { ...BLANK_PEER, asked };
}
