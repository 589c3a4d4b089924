import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

/** Options of each `atlas baseline` command, as commander reads them. */
export interface BaselineOptions {
  readonly server: string;
  readonly output: 'text' | 'json';
}

export interface SetBaselineOptions extends BaselineOptions {
  readonly at?: string;
  readonly dir?: string;
  readonly name: string;
}

interface RemoteBaseline {
  readonly name: string;
  readonly snapshot: { readonly seq: number; readonly takenAt: string } | null;
  readonly requester: string;
  readonly setAt: string;
}

/** What `atlas baseline` does. */
export class BaselineCommands {
  readonly #client: ServerClient;
  readonly #options: BaselineOptions;
  readonly #terminal: Terminal;

  constructor(options: BaselineOptions, terminal: Terminal) {
    this.#client = new ServerClient(options.server);
    this.#options = options;
    this.#terminal = terminal;
  }

  async set(cluster: string, { at, dir, name }: SetBaselineOptions): Promise<void> {
    if (at !== undefined && dir !== undefined) throw new CliError(EXIT.usage, 'give either --at or --dir, not both');
    const body = {
      name,
      ...(at !== undefined && { at }),
      ...(dir !== undefined && { manifests: await packed(dir), encoding: 'base64' }),
    };
    this.#tell((await this.#client.putJson(path(cluster), body)) as RemoteBaseline);
  }

  async get(cluster: string): Promise<void> {
    this.#tell((await this.#client.get(path(cluster))) as RemoteBaseline);
  }

  async remove(cluster: string): Promise<void> {
    await this.#client.delete(path(cluster));
    this.#terminal.err(`${cluster} has no baseline any more`);
  }

  #tell(baseline: RemoteBaseline): void {
    if (this.#options.output === 'json') {
      this.#terminal.out(JSON.stringify(baseline, null, 2));
      return;
    }
    const { name, snapshot, requester, setAt } = baseline;
    const state = snapshot === null ? 'manifests' : `snapshot ${String(snapshot.seq)}, ${snapshot.takenAt}`;
    this.#terminal.out(`${name}: ${state}; set ${setAt} by ${requester}`);
  }
}

function path(cluster: string): string {
  return `clusters/${encodeURIComponent(cluster)}/baseline`;
}

async function packed(dir: string): Promise<string> {
  const { packFolder } = await import('../manifests/pack-folder.js');
  return Buffer.from(await packFolder(dir)).toString('base64');
}
