import type { LoggerService } from '@nestjs/common';
import type { Log, LogFields } from './log.js';

/** Sends what Nest and its modules log to a `Log`. The last text argument is the context, as in Nest's own logger. */
export class NestLog implements LoggerService {
  constructor(private readonly sink: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    // Nest tells of every module and route it sets up at its `log` level: that is detail here.
    this.sink.debug(messageText(message), fieldsOf(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const fields = fieldsOf(message, rest);
    // What keeps the application from starting is thrown as well, and told by who starts it.
    if (fields['context'] === 'ExceptionHandler') this.sink.debug(messageText(message), fields);
    else this.sink.error(messageText(message), fields);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.sink.error(messageText(message), fieldsOf(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.sink.warn(messageText(message), fieldsOf(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.sink.debug(messageText(message), fieldsOf(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.sink.debug(messageText(message), fieldsOf(message, rest));
  }
}

function messageText(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

function fieldsOf(message: unknown, rest: readonly unknown[]): LogFields {
  const texts = rest.filter((part): part is string => typeof part === 'string');
  const context = texts.at(-1);
  const stack = texts.length > 1 ? texts[0] : undefined;
  const error = message instanceof Error ? message : rest.find((part) => part instanceof Error);
  return {
    ...(context === undefined ? {} : { context }),
    ...(stack === undefined ? {} : { stack }),
    ...(error === undefined ? {} : { error }),
  };
}
