import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '#config';
import { prettyLines } from './pretty-lines.js';
import { currentRequest } from './request-context.js';

/** Data beside a message. Errors go under `error`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A structured log. Messages are one line, lower case; what varies goes into fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose every line carries `fields` too. */
  child(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Name of the process, in every line. */
  readonly app: string;
  /** Standard output when left out. */
  readonly destination?: DestinationStream;
}

/** Fields that never reach a log, whoever passes them. */
const REDACTED_PATHS = [
  'password',
  'token',
  'authorization',
  'kubeconfig',
  'credentials',
  'secretKey',
  'cookie',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** A log that writes one line an event, with the request id of the running request. */
export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true });
  const logger = pino(
    {
      level: options.level,
      base: { app: options.app },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
      serializers: { error: pino.stdSerializers.err },
      mixin: () => ({ ...currentRequest() }),
    },
    options.format === 'pretty' ? prettyLines(destination) : destination,
  );
  return wrap(logger);
}

/** A log that drops everything. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
