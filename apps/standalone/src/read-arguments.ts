import { parseArgs } from 'node:util';

import { AppError } from '#contracts';

export const USAGE = `Usage: npm start -- [--no-sample] [--port PORT]

Runs the whole service in this process, on this machine only.

  --no-sample   leave the sample clusters out of an empty database (as ATLAS_SAMPLE=off)
  --port PORT   where to listen, 0 for any free port (as HTTP_PORT, 8080 by default)
  --help        print this

Every setting is described in .env.example.
`;

export interface Arguments {
  readonly help: boolean;
  /** Environment variables that the arguments stand for. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws AppError `startup.failed` for an argument that does not exist */
export function readArguments(args: readonly string[]): Arguments {
  const { help, sample, port } = parse(args);
  const env = { ...(sample === false && { ATLAS_SAMPLE: 'off' }), ...(port !== undefined && { HTTP_PORT: port }) };
  return { help: help === true, env };
}

function parse(args: readonly string[]): { help?: boolean; sample?: boolean; port?: string } {
  const options = {
    help: { type: 'boolean', short: 'h' },
    sample: { type: 'boolean' },
    port: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowNegative: true, strict: true }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new AppError('startup.failed', `${reason ?? ''}; npm start -- --help lists what can be given`, {
      cause: error,
    });
  }
}
