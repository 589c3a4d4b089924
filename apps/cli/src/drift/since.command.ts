import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas since`, as commander reads them. */
export interface SinceOptions {
  readonly server: string;
  readonly cluster: string;
  readonly from: string;
  readonly to: string;
  readonly port?: string;
  readonly protocol: string;
  readonly at?: string;
  readonly output: TextFormat;
}

interface Point {
  readonly seq: number;
  readonly takenAt: string;
}

interface RemoteSince extends RemoteProvenance {
  readonly verdict: string;
  readonly summary: string;
  readonly since: Point | null;
  readonly oldest: Point;
  readonly verdictBefore: string | null;
  readonly summaryBefore: string;
}

/** Tells since when one peer can, or cannot, reach another. */
export async function runSince(options: SinceOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, output, ...query } = options;
  const answer = (await new ServerClient(server).get('reachability/since', query)) as RemoteSince;
  const words = (): void => {
    for (const line of sinceLines(answer)) terminal.out(line);
  };
  const { verdict, since, verdictBefore } = answer;
  const rows = (): string[][] => [[verdict, String(since?.seq ?? ''), since?.takenAt ?? '', verdictBefore ?? '']];
  await tell(
    { data: answer, words, columns: ['verdict', 'since snapshot', 'since', 'before'], rows },
    output,
    terminal,
  );
  return answer.verdict === 'undetermined' ? EXIT.undetermined : EXIT.ok;
}

function sinceLines(answer: RemoteSince): string[] {
  const { verdict, summary, since, oldest, verdictBefore, summaryBefore } = answer;
  const now = `${verdict.toUpperCase()}  ${summary}`;
  if (since === null) return [now, `since before ${told(oldest)}, the oldest that is kept`, provenanceLine(answer)];
  return [
    now,
    `since ${told(since)}`,
    `before that ${verdictBefore ?? 'none'}: ${summaryBefore}`,
    provenanceLine(answer),
  ];
}

function told({ seq, takenAt }: Point): string {
  return `snapshot ${String(seq)}, ${takenAt}`;
}
