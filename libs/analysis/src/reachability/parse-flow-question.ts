import { AppError, type FieldError, type ReachabilityInput } from '#contracts';
import {
  hasPorts,
  ICMP,
  ICMPV6,
  parsePeer,
  parseProtocol,
  protocolName,
  type FlowQuestion,
  type PeerQuery,
} from '#engine';

/**
 * The engine's question from what a caller gave. REST, GraphQL and the command line share it, so the same text means
 * the same everywhere.
 * @throws AppError `question.invalid` with one entry in `errors` for each field that cannot be read
 */
export function parseFlowQuestion(input: ReachabilityInput): FlowQuestion {
  const errors: FieldError[] = [];
  const source = readPeer(input.from, '/from', errors);
  const destination = readPeer(input.to, '/to', errors);
  const protocol = readProtocol(input, errors);
  if (source === null || destination === null || protocol === null || errors.length > 0) throw invalid(errors);
  return {
    source,
    destination,
    protocol,
    port: input.port ?? null,
    ...(input.sourcePort === undefined ? {} : { sourcePort: input.sourcePort }),
    ...(input.icmp === undefined ? {} : { icmp: { type: input.icmp.type, code: input.icmp.code ?? null } }),
    ...(input.l7 === undefined ? {} : { l7: input.l7 }),
  };
}

function readPeer(text: string, pointer: string, errors: FieldError[]): PeerQuery | null {
  const result = parsePeer(text);
  if ('peer' in result) return result.peer;
  errors.push({ pointer, detail: result.error });
  return null;
}

function readProtocol(input: ReachabilityInput, errors: FieldError[]): number | null {
  const protocol = parseProtocol(input.protocol);
  if (protocol === null) {
    const detail = `\`${input.protocol}\` is no protocol, give TCP, UDP, SCTP, ICMP or another by name or number`;
    errors.push({ pointer: '/protocol', detail });
    return null;
  }
  if (!hasPorts(protocol)) {
    const name = protocolName(protocol);
    if (input.port !== undefined) errors.push({ pointer: '/port', detail: `${name} has no ports, leave the port out` });
    if (input.sourcePort !== undefined) {
      errors.push({ pointer: '/sourcePort', detail: `${name} has no ports, leave the source port out` });
    }
  }
  if (input.icmp !== undefined && protocol !== ICMP && protocol !== ICMPV6) {
    errors.push({ pointer: '/icmp', detail: `${protocolName(protocol)} has no ICMP types, leave them out` });
  }
  return protocol;
}

function invalid(errors: readonly FieldError[]): AppError {
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more)` : '';
  return new AppError('question.invalid', `\`${first?.pointer ?? ''}\`: ${first?.detail ?? ''}${more}`, { errors });
}
