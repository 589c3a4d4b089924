import type { Format } from '#render';

import type { SourceOptions } from '../can/can-options.js';
import { assertOneSource, clusterOfServer } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import type { Fields, Questions } from './questions.js';

/** Options that every question has, as commander reads them. */
export interface QuestionOptions extends SourceOptions {
  readonly at?: string;
  readonly reading?: string;
  readonly output: Format;
}

export interface ListOptions extends QuestionOptions {
  readonly from?: string;
  readonly to?: string;
  readonly focus?: string;
  readonly direction?: string;
  readonly namespace?: string;
  readonly by?: string;
  readonly protocol?: string;
  readonly port?: string;
  readonly verdict?: string;
  readonly outside: boolean;
  readonly nodes?: boolean;
  readonly matrix?: boolean;
  readonly expect?: 'none' | 'some';
}

export interface BlastOptions extends QuestionOptions {
  readonly of: string;
  readonly direction?: string;
  readonly hops?: string;
  readonly sensitive?: string;
  readonly range: readonly string[];
  /** True: the most promising. */
  readonly levers?: true | 'all';
}

export interface ExposeOptions extends QuestionOptions {
  readonly of?: string;
  readonly namespace?: string;
  readonly client?: string;
}

export interface WhyOptions extends QuestionOptions {
  readonly from: string;
  readonly to: string;
  readonly port?: string;
  readonly protocol?: string;
}

/** Who answers: the folder or the server that was named. Each way loads only what it needs. */
export async function questionsOf(options: QuestionOptions, terminal: Terminal): Promise<Questions> {
  const { dir, at } = options;
  assertOneSource(options);
  if (dir !== undefined) {
    if (at !== undefined) throw new CliError(EXIT.usage, '--at needs a server: a folder has no history');
    const { FolderQuestions } = await import('./folder-questions.js');
    return new FolderQuestions(dir, terminal);
  }
  const { server, cluster } = clusterOfServer(options);
  const [{ ServerClient }, { ServerQuestions }] = await Promise.all([
    import('../server/server-client.js'),
    import('./server-questions.js'),
  ]);
  return new ServerQuestions(new ServerClient(server), cluster, at);
}

export function listFields(options: ListOptions): Fields {
  const { from, to, direction, by, protocol, port, verdict, reading, outside, nodes, namespace } = options;
  const focus = options.focus ?? (namespace === undefined ? undefined : `namespace:${namespace}`);
  return {
    ...{ from, to, focus, direction, by, protocol, port, verdict, reading },
    ...(outside ? {} : { outside: 'false' }),
    ...(nodes === true ? { nodes: 'true' } : {}),
  };
}
