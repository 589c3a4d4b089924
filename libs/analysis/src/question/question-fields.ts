import { AppError, mistakeWords, type FieldError } from '#contracts';
import { parsePeer, parseProtocol, type PeerQuery, type ReadQuestion } from '#engine';

/** The question that was read. @throws AppError `question.invalid` with an entry for each field that could not be */
export function questionOf<Q>(read: ReadQuestion<Q>): Q {
  if ('question' in read) return read.question;
  throw invalidQuestion(read.errors);
}

/** The error of a question with fields that cannot be read: the first in its message, all of them beside it. */
export function invalidQuestion(errors: readonly FieldError[]): AppError {
  return new AppError('question.invalid', mistakeWords(errors), { errors });
}

/** A peer from its text; null with an entry in `errors` when it is none. */
export function readPeer(text: string, pointer: string, errors: FieldError[]): PeerQuery | null {
  const result = parsePeer(text);
  if ('peer' in result) return result.peer;
  errors.push({ pointer, detail: result.error });
  return null;
}

/** A protocol from its name or number; null with an entry in `errors` when it is none. */
export function readProtocol(text: string, errors: FieldError[]): number | null {
  const protocol = parseProtocol(text);
  if (protocol === null) {
    const detail = `\`${text}\` is no protocol, give TCP, UDP, SCTP, ICMP or another by name or number`;
    errors.push({ pointer: '/protocol', detail });
  }
  return protocol;
}
