import { runAtlas } from '../program.js';

/** What a command wrote and how it ended. */
export interface TerminalRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process; `input` is what standard input would be, and nobody reads along where `isRead` is not. */
export async function runOnTerminal(args: readonly string[], input = '', isRead = true): Promise<TerminalRun> {
  let [out, err] = ['', ''];
  const code = await runAtlas(args, {
    isRead,
    out: (text) => (out += `${text}\n`),
    err: (text) => (err += `${text}\n`),
    readInput: () => Promise.resolve(Buffer.from(input)),
  });
  return { code, out, err };
}
