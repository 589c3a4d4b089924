import type { Runbook, RunbookInputs } from '#checks';
import { missingInputs } from '#checks';
import { AppError, type FieldError, type RunbookInputsInput } from '#contracts';
import { parsePeer, parseProtocol, type PeerQuery } from '#engine';

/**
 * A runbook's inputs from what a caller gave.
 * @throws AppError `question.invalid` with one entry in `errors` for each input that is missing, not taken or not readable
 */
export function parseRunbookInputs(runbook: Runbook, given: RunbookInputsInput): RunbookInputs {
  const errors: FieldError[] = [];
  const inputs: RunbookInputs = {
    from: readPeer(given.from, '/from', errors),
    to: readPeer(given.to, '/to', errors),
    protocol: readProtocol(given.protocol, errors),
    port: given.port,
    namespace: given.namespace,
    node: given.node,
  };
  const known = new Set<string>([...runbook.needs, ...runbook.takes]);
  for (const [key, value] of Object.entries<unknown>(given)) {
    if (value === undefined || known.has(key)) continue;
    errors.push({ pointer: `/${key}`, detail: `runbook \`${runbook.id}\` does not take it, leave it out` });
  }
  const isWrong = new Set(errors.map(({ pointer }) => pointer));
  for (const key of missingInputs(runbook, inputs)) {
    if (!isWrong.has(`/${key}`))
      errors.push({ pointer: `/${key}`, detail: `runbook \`${runbook.id}\` needs it, give it` });
  }
  const [first] = errors;
  if (first === undefined) return inputs;
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more)` : '';
  throw new AppError('question.invalid', `\`${first.pointer}\`: ${first.detail}${more}`, { errors });
}

function readPeer(text: string | undefined, pointer: string, errors: FieldError[]): PeerQuery | undefined {
  if (text === undefined) return undefined;
  const result = parsePeer(text);
  if ('peer' in result) return result.peer;
  errors.push({ pointer, detail: result.error });
  return undefined;
}

function readProtocol(text: string | undefined, errors: FieldError[]): number | undefined {
  if (text === undefined) return undefined;
  const protocol = parseProtocol(text);
  if (protocol !== null) return protocol;
  errors.push({
    pointer: '/protocol',
    detail: `\`${text}\` is no protocol, give TCP, UDP, SCTP, ICMP or another by name or number`,
  });
  return undefined;
}
