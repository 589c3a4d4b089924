import type { Answer } from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import type { Terminal } from '../terminal.js';
import { exitCodeOfAnswer } from './answer-exit-code.js';
import type { CanOptions } from './can-options.js';
import { assertOneSource, clusterOfServer } from './question-source.js';

/** Answers one question and gives the exit code that its verdict stands for. */
export async function runCan(options: CanOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  // Each way loads only what it needs: no manifest reader for a server, no HTTP for a folder.
  return options.dir === undefined ? askServer(options, terminal) : askFolder(options, options.dir, terminal);
}

async function askFolder(options: CanOptions, dir: string, terminal: Terminal): Promise<ExitCode> {
  if (options.at !== undefined) throw new CliError(EXIT.usage, '--at needs a server: a folder has no history');
  const { askManifests } = await import('./ask-manifests.js');
  return askManifests(options, dir, terminal);
}

async function askServer(options: CanOptions, terminal: Terminal): Promise<ExitCode> {
  const { server, cluster } = clusterOfServer(options);
  const [{ ServerClient }, { remoteQuestion }, { tellAnswer }] = await Promise.all([
    import('../server/server-client.js'),
    import('./read-question.js'),
    import('./tell-answer.js'),
  ]);
  const body = await new ServerClient(server).post('reachability', remoteQuestion(options, cluster));
  if (!isRemoteAnswer(body)) throw new CliError(EXIT.unreachable, `\`${server}\` did not answer the question`);
  await tellAnswer(body, { data: body, foot: `\n${provenanceLine(body)}` }, options, terminal);
  return exitCodeOfAnswer(body, options, terminal);
}

/** A server's answer: the engine's, with the state of the cluster that it is about. */
type RemoteAnswer = Answer & RemoteProvenance;

function isRemoteAnswer(body: unknown): body is RemoteAnswer {
  return typeof body === 'object' && body !== null && 'verdict' in body && 'flows' in body && 'asOf' in body;
}
