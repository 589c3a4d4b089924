import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';

import { KubeFault } from './kube-fault.js';

/** Longer than any object that etcd accepts. */
const MAX_LINE_CHARACTERS = 32 * 1024 * 1024;

export interface LineStreamOptions {
  /** How long nothing may arrive before the stream counts as stalled. */
  readonly stallAfterMs: number;
  /** For messages, as `pods`. */
  readonly what: string;
}

/**
 * Calls `onLine` for each line of a stream and resolves when the server ends it. Rejects with a `KubeFault` when it breaks,
 * stalls, or sends a line without end, and with whatever `onLine` throws. The stream is closed in every case.
 */
export function readLines(
  stream: IncomingMessage,
  options: LineStreamOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (error?: Error): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      stream.destroy();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(() => {
      settle(new KubeFault('timeout', `the watch of ${options.what} fell silent for ${options.stallAfterMs / 1000} s`));
    }, options.stallAfterMs);
    stream.on('data', (chunk: Buffer) => {
      timer.refresh();
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_CHARACTERS) {
        settle(new KubeFault('protocol', `the watch of ${options.what} sent a line without end`));
        return;
      }
      try {
        for (const line of lines) if (line !== '' && !settled) onLine(line);
      } catch (error) {
        settle(error as Error);
      }
    });
    stream.on('end', () => settle());
    stream.on('close', () => settle(cut(options.what)));
    stream.on('error', () => settle(cut(options.what)));
  });
}

function cut(what: string): KubeFault {
  return new KubeFault('network', `the watch of ${what} was cut off`);
}
