import type { Command } from 'commander';

import { EXIT, type ExitCode } from '../exit-code.js';
import { outputOption, serverAddressOption, type Sorted } from '../options.js';
import type { Terminal } from '../terminal.js';
import type { ServerClient } from './server-client.js';

/** What every command that speaks with a server takes. */
export interface ServerOptions {
  readonly server: string;
  readonly output: 'text' | 'json';
}

/** Makes commands that ask a server one thing and show the answer. */
export interface ServerCommands {
  /** A command with the options of a server. */
  readonly sub: (usage: string, description: string) => Command;
  /** Asks the server, and shows the answer as JSON or by `show`, which says what it takes the answer for. */
  readonly using: (
    options: ServerOptions,
    ask: (client: ServerClient) => Promise<unknown>,
    show: (answer: never) => string,
  ) => Promise<void>;
  /** Asks for a list, all of it or about `most`, and shows the answer as JSON or by `table`. */
  readonly listing: (
    options: ServerOptions & Sorted,
    list: {
      readonly path: string;
      readonly query?: Readonly<Record<string, string | undefined>>;
      readonly most?: number;
    },
    table: (items: never) => string,
  ) => Promise<void>;
}

export function serverCommands(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): ServerCommands {
  const using: ServerCommands['using'] = async ({ server, output }, ask, show) => {
    const { ServerClient: Client } = await import('./server-client.js');
    const answer = await ask(new Client(server));
    terminal.out(output === 'json' ? JSON.stringify(answer ?? null, null, 2) : show(answer as never));
    done(EXIT.ok);
  };
  return {
    sub: (usage, description) =>
      parent.command(usage).description(description).addOption(serverAddressOption()).addOption(outputOption()),
    using,
    listing: ({ sort, ...options }, { path, query, most }, table) =>
      using(
        options,
        (client) => client.list(path, { ...query, sort }, most),
        ({ items, more }: { readonly items: never; readonly more: boolean }) => withMore(table(items), more),
      ),
  };
}

/** As much of a list that grows for ever is told at once. */
export const MOST_LISTED = 1_000;

/** A table, with a line that says that it is not all. */
function withMore(table: string, more: boolean): string {
  return more ? `${table}\nthere is more; --sort says which come first` : table;
}
