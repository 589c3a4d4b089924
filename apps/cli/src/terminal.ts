/** Where a command reads and writes. Results go to `out`, notes to `err`, each as whole lines. */
export interface Terminal {
  /** Whether somebody reads `out`, in place of a file or another program, which want each row of a list. */
  readonly isRead: boolean;
  out(text: string): void;
  err(text: string): void;
  readInput(): Promise<Uint8Array>;
}

/** The process's own streams. */
export const processTerminal: Terminal = {
  isRead: process.stdout.isTTY,
  out: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
  err: (text) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
  async readInput() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
};
