import { breachHeadline, breachLine, type AssertionResult } from '#engine';

import { EXIT, type ExitCode } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import { provenanceLine, type RemoteProvenance } from '../server/provenance-line.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';
import { exitCodeOfResults, OUTCOME_MARK } from './assertion-outcome.js';

/** Options of each `atlas assertions` command, as commander reads them. */
export interface KeptAssertionOptions {
  readonly server: string;
  readonly output: 'text' | 'json';
}

interface Point {
  readonly seq: number;
  readonly takenAt: string;
}

interface RemoteKept extends RemoteProvenance {
  readonly items: readonly {
    readonly name: string;
    readonly owner: string;
    readonly since: Point | null;
    readonly result: AssertionResult | null;
  }[];
}

interface RemoteTurns extends RemoteProvenance {
  readonly items: readonly {
    readonly name: string;
    readonly before: string | null;
    readonly after: AssertionResult['outcome'];
    readonly at: Point;
    readonly result: AssertionResult;
    readonly causes: readonly { readonly text: string }[];
  }[];
}

/** What `atlas assertions` does. */
export class KeptAssertionCommands {
  readonly #client: ServerClient;
  readonly #options: KeptAssertionOptions;
  readonly #terminal: Terminal;

  constructor(options: KeptAssertionOptions, terminal: Terminal) {
    this.#client = new ServerClient(options.server);
    this.#options = options;
    this.#terminal = terminal;
  }

  async set(cluster: string, file: string): Promise<ExitCode> {
    const assertions = await readText(file, this.#terminal);
    return this.#tellKept((await this.#client.putJson(path(cluster), { assertions })) as RemoteKept);
  }

  async get(cluster: string): Promise<ExitCode> {
    return this.#tellKept((await this.#client.get(path(cluster))) as RemoteKept);
  }

  async events(cluster: string, query: { readonly name?: string; readonly limit: string }): Promise<ExitCode> {
    const { name, limit } = query;
    const turns = (await this.#client.get(`${path(cluster)}/events`, { name, limit })) as RemoteTurns;
    if (this.#options.output === 'json') {
      this.#terminal.out(JSON.stringify(turns, null, 2));
      return EXIT.ok;
    }
    for (const { name: of, before, after, at, result, causes } of turns.items) {
      const turn = before === null ? after : `${before} → ${after}`;
      this.#terminal.out(`${OUTCOME_MARK[after]} ${at.takenAt} snapshot ${String(at.seq)}  ${of}: ${turn}`);
      for (const breach of result.breaches) this.#terminal.out(`    ${breachLine(breach)}`);
      for (const { text } of causes) this.#terminal.out(`    because ${text}`);
    }
    return EXIT.ok;
  }

  async remove(cluster: string): Promise<ExitCode> {
    await this.#client.delete(path(cluster));
    this.#terminal.err(`${cluster} keeps no assertions any more`);
    return EXIT.ok;
  }

  #tellKept(kept: RemoteKept): ExitCode {
    const results = kept.items.flatMap(({ result }) => (result === null ? [] : [result]));
    if (this.#options.output === 'json') this.#terminal.out(JSON.stringify(kept, null, 2));
    else {
      for (const { name, owner, since, result } of kept.items) {
        const of = owner === '' ? name : `${name} [${owner}]`;
        if (result === null || since === null) this.#terminal.out(`? ${of}: not checked yet`);
        else {
          const standing = `since snapshot ${String(since.seq)}, ${since.takenAt}`;
          this.#terminal.out(`${OUTCOME_MARK[result.outcome]} ${of}: ${breachHeadline(result)}, ${standing}`);
          for (const breach of result.breaches) this.#terminal.out(`    ${breachLine(breach)}`);
        }
      }
      this.#terminal.err(provenanceLine(kept));
    }
    return exitCodeOfResults(results);
  }
}

function path(cluster: string): string {
  return `clusters/${encodeURIComponent(cluster)}/assertions`;
}
