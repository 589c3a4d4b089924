import { ask, compileSnapshot, ENGINE_VERSION } from '#engine';

import { notFound } from '../cli-error.js';
import { type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import type { Terminal } from '../terminal.js';
import { exitCodeOfAnswer } from './answer-exit-code.js';
import type { CanOptions } from './can-options.js';
import { readQuestion } from './read-question.js';
import { tellAnswer } from './tell-answer.js';

/** Answers the question from manifests, in this process. */
export async function askManifests(options: CanOptions, dir: string, terminal: Terminal): Promise<ExitCode> {
  const question = readQuestion(options);
  const { facts, problems } = await readFolder(dir, terminal);
  const result = ask(compileSnapshot(facts), question);
  if (result.type === 'notFound') throw notFound(result.error);
  const { answer } = result;
  await tellAnswer(answer, { data: { ...answer, problems, engineVersion: ENGINE_VERSION } }, options, terminal);
  return exitCodeOfAnswer(answer, options, terminal);
}
