import { AppError } from '#contracts';

/** Codes of Node's sockets that mean: no server there, or it went away. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** Classes of SQLSTATE that mean the same: connection, resources, operator intervention; and wrong sign-in. */
const SQL_CLASSES = new Set(['08', '53', '57', '28', '3D']);
/** What Postgres says of a NUL character, in text and in JSON. */
const NUL_CODES = new Set(['22021', '22P05']);
/** Prisma's own codes for connections. */
const PRISMA_CODES = new Set(['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1017', 'P2024']);
const MESSAGES =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|timeout expired|pool after calling end|Client has encountered a connection error/i;
const LATE = /timeout/i;

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (SOCKET_CODES.has(code) || PRISMA_CODES.has(code)) return true;
  if (/^[0-9A-Z]{5}$/.test(code) && SQL_CLASSES.has(code.slice(0, 2))) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  return error instanceof Error && MESSAGES.test(error.message);
}

/** Why the database cannot be used, without the address or the password that some drivers put into messages. */
function reason(error: unknown): string {
  const code = codeOf(error);
  if (code.startsWith('28') || code === 'P1000') return 'it refuses the user or the password, check DATABASE_URL';
  if (code.startsWith('3D') || code === 'P1003') return 'it has no such database, check DATABASE_URL';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is not known, check DATABASE_URL';
  if (code === 'ECONNREFUSED') return 'nothing listens at its address, start it or check DATABASE_URL';
  if (code.startsWith('57P03')) return 'it is still starting or stopping, try again in a moment';
  if (code === 'ETIMEDOUT' || code === 'P2024' || (error instanceof Error && LATE.test(error.message))) {
    return 'it did not answer in time, see how busy it and this machine are, and try again';
  }
  return code === '' ? 'the connection failed, try again' : `the connection failed (${code}), try again`;
}

/** A driver's error as ours when the database cannot be used, or cannot hold what it was given; every other as it is. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (NUL_CODES.has(codeOf(error))) {
    return new AppError('request.invalid', 'no text that is stored has a NUL character in it, leave it out', {
      cause: error,
    });
  }
  if (!isUnavailable(error)) return error;
  return new AppError('database.unavailable', `the database cannot be used: ${reason(error)}`, { cause: error });
}

/** Runs `work` with its errors turned into ours. */
export async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}
