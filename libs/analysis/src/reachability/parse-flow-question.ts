import type { FieldError, ReachabilityInput } from '#contracts';
import { hasPorts, hasTypes, protocolName, type FlowQuestion } from '#engine';
import { invalidQuestion, readPeer, readProtocol } from '../question/question-fields.js';

/**
 * The engine's question from what a caller gave. REST, GraphQL and the command line share it, so the same text means
 * the same everywhere.
 * @throws AppError `question.invalid` with one entry in `errors` for each field that cannot be read
 */
export function parseFlowQuestion(input: ReachabilityInput): FlowQuestion {
  const errors: FieldError[] = [];
  const source = readPeer(input.from, '/from', errors);
  const destination = readPeer(input.to, '/to', errors);
  const protocol = fittingProtocol(input, errors);
  if (source === null || destination === null || protocol === null || errors.length > 0) throw invalidQuestion(errors);
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

/** The protocol, when the other fields fit it. */
function fittingProtocol(input: ReachabilityInput, errors: FieldError[]): number | null {
  const protocol = readProtocol(input.protocol, errors);
  if (protocol === null) return null;
  if (!hasPorts(protocol)) {
    const name = protocolName(protocol);
    if (input.port !== undefined) errors.push({ pointer: '/port', detail: `${name} has no ports, leave the port out` });
    if (input.sourcePort !== undefined) {
      errors.push({ pointer: '/sourcePort', detail: `${name} has no ports, leave the source port out` });
    }
  }
  if (input.icmp !== undefined && !hasTypes(protocol)) {
    errors.push({ pointer: '/icmp', detail: `${protocolName(protocol)} has no ICMP types, leave them out` });
  }
  return protocol;
}
