import { hasPorts, protocolName } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import { parsePeer, parseProtocol } from '../parse-peer.js';
import type { PeerQuery } from '../question.js';
import type { ConnectionsQuestion } from './connections-question.js';

/** A question about connections as every door takes it, with peers and protocol as text. */
export interface ConnectionsText extends Pick<ConnectionsQuestion, 'by' | 'reading' | 'verdict' | 'outside' | 'nodes'> {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly focus?: string | undefined;
  /** Of the focus: whom it reaches (`egress`), who reaches it (`ingress`), or both. */
  readonly direction: 'both' | 'ingress' | 'egress';
  readonly protocol?: string | undefined;
  readonly port?: { readonly from: number; readonly to: number } | undefined;
}

/** A field of a question that cannot be read. */
export interface UnreadField {
  /** JSON pointer into the question. */
  readonly pointer: string;
  readonly detail: string;
}

export type ReadQuestion<Q> = { readonly question: Q } | { readonly errors: readonly UnreadField[] };

/** Reads a question about connections; every field that is wrong is named. */
export function readConnectionsQuestion(text: ConnectionsText): ReadQuestion<ConnectionsQuestion> {
  const errors: UnreadField[] = [];
  const { direction, focus } = text;
  const isSource = focus !== undefined && direction === 'egress';
  const isDestination = focus !== undefined && direction === 'ingress';
  if (isSource && text.from !== undefined) errors.push(twice('/from', 'egress'));
  if (isDestination && text.to !== undefined) errors.push(twice('/to', 'ingress'));
  if (focus === undefined && direction !== 'both') {
    errors.push({ pointer: '/direction', detail: 'is about `focus`, give one or leave it out' });
  }
  const side = (value: string | undefined, pointer: string): PeerQuery | null => readSide(value, pointer, errors);
  const source = isSource ? side(focus, '/focus') : side(text.from, '/from');
  const destination = isDestination ? side(focus, '/focus') : side(text.to, '/to');
  const both = isSource || isDestination ? null : side(focus, '/focus');
  const protocol = readProtocol(text.protocol, errors);
  if (protocol !== null && !hasPorts(protocol) && text.port !== undefined) {
    errors.push({ pointer: '/port', detail: `\`${protocolName(protocol)}\` has no ports, leave it out` });
  }
  if (errors.length > 0) return { errors };
  const { by, reading, verdict, outside, nodes, port } = text;
  return {
    question: {
      ...{ by, reading, verdict, outside, nodes, source, destination, protocol },
      focus: both === null ? [] : [both],
      ports: port === undefined ? null : [[port.from, port.to]],
    },
  };
}

function twice(pointer: string, direction: string): UnreadField {
  return { pointer, detail: `is the focus already when \`direction\` is \`${direction}\`, give one of them` };
}

function readSide(value: string | undefined, pointer: string, errors: UnreadField[]): PeerQuery | null {
  if (value === undefined) return null;
  const parsed = parsePeer(value);
  if ('peer' in parsed) return parsed.peer;
  errors.push({ pointer, detail: parsed.error });
  return null;
}

function readProtocol(value: string | undefined, errors: UnreadField[]): Protocol | null {
  if (value === undefined) return null;
  const protocol = parseProtocol(value);
  if (protocol === null) {
    errors.push({
      pointer: '/protocol',
      detail: `\`${value}\` is no protocol, give a name as TCP or ICMP, or a number`,
    });
  }
  return protocol;
}
