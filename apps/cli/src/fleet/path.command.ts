import type { CrossClusterAnswer } from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

/** Options of `atlas path`, as commander reads them. */
export interface PathOptions {
  readonly server: string;
  readonly port: string;
  readonly protocol: string;
  readonly output: TextFormat;
}

/** Tells by which ways an endpoint of one cluster reaches one of another. */
export async function runPath(from: string, to: string, options: PathOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, port, protocol, output } = options;
  const question = { from: sideOf(from), to: sideOf(to), protocol, port: Number(port) };
  const answer = (await new ServerClient(server).post('paths', question)) as CrossClusterAnswer;
  const words = (): void => {
    terminal.out(`${answer.verdict.toUpperCase()}  ${from} → ${to} on ${protocol} ${port}`);
    for (const { kind, target, verdict, egress, ingress, doubts } of answer.routes) {
      terminal.out(`  ${kind} ${target}: ${verdict}`);
      for (const leg of egress) terminal.out(`    egress, to ${leg.seenAs}: ${leg.verdict} (${leg.summary})`);
      for (const leg of ingress) terminal.out(`    ingress, from ${leg.seenAs}: ${leg.verdict} (${leg.summary})`);
      for (const doubt of doubts) terminal.out(`    not known: ${doubt}`);
    }
  };
  const rows = (): string[][] =>
    answer.routes.map(({ kind, target, verdict, doubts }) => [kind, target, verdict, doubts.join('; ')]);
  await tell({ data: answer, words, columns: ['way', 'target', 'verdict', 'not known'], rows }, output, terminal);
  if (answer.verdict === 'allowed') return EXIT.ok;
  return answer.verdict === 'undetermined' ? EXIT.undetermined : EXIT.unexpected;
}

function sideOf(text: string): { cluster: string; peer: string } {
  const colon = text.indexOf(':');
  if (colon > 0) return { cluster: text.slice(0, colon), peer: text.slice(colon + 1) };
  throw new CliError(
    EXIT.usage,
    `\`${text}\` names no cluster, write it as CLUSTER:PEER, for example shop-calico:shop/api`,
  );
}
