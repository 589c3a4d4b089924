/** Where a command reads and writes. Results go to `out`, notes to `err`, each as whole lines. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readInput(): Promise<Uint8Array>;
}

/** The process's own streams. */
export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
  err: (text) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
  async readInput() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  },
};
