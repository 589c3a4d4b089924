import { Command } from 'commander';
import { collect, serverAddressOption } from '../options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';
import { renderTable } from '../table.js';

interface ServerOptions {
  readonly server: string;
}

interface CreateOptions extends ServerOptions {
  readonly role: string;
  readonly cluster: readonly string[];
  readonly namespace: readonly string[];
  readonly namespaceLabels?: string;
  readonly expiresInDays: string;
}

interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly secret?: string;
}

/** `atlas tokens`: API tokens of a server. */
export function tokensCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const tokens = new Command('tokens').description('API tokens of a server').copyInheritedSettings(parent);
  const sub = (usage: string, description: string): Command =>
    tokens.command(usage).description(description).addOption(serverAddressOption());
  const using = async (options: ServerOptions, work: (client: ServerClient) => Promise<void>): Promise<void> => {
    const { ServerClient: Client } = await import('../server/server-client.js');
    await work(new Client(options.server));
    done(EXIT.ok);
  };
  const show = (issued: unknown): void => {
    const { secret, id, expiresAt } = issued as TokenView;
    terminal.out(secret ?? '');
    terminal.err(`token ${id}, good until ${expiresAt}; it is shown this once`);
  };

  sub('list', 'list your tokens, everyone’s as an admin').action((options: ServerOptions) =>
    using(options, async (client) => {
      const { items } = (await client.get('tokens')) as { items: readonly TokenView[] };
      const rows = items.map((one) => [
        one.id,
        one.name,
        one.owner,
        one.revokedAt === null ? one.expiresAt : `revoked ${one.revokedAt}`,
        one.lastUsedAt ?? 'never',
      ]);
      terminal.out(renderTable(['ID', 'NAME', 'OWNER', 'UNTIL', 'USED'], rows));
    }),
  );
  sub('create <name>', 'make a token; it is printed this once')
    .option('--role <role>', 'viewer, operator, auditor or admin', 'viewer')
    .option('--cluster <glob>', 'where it counts; repeatable, every cluster when left out', collect, [])
    .option('-n, --namespace <glob>', 'where it counts; repeatable, every namespace when left out', collect, [])
    .option('--namespace-labels <selector>', 'and in namespaces with these labels, as `team=a`')
    .option('--expires-in-days <number>', 'how long it is good', '90')
    .action((name: string, { role, cluster, namespace, namespaceLabels, expiresInDays, ...options }: CreateOptions) =>
      using(options, async (client) => {
        const grant = {
          role,
          ...(cluster.length === 0 ? {} : { clusters: cluster }),
          ...(namespace.length === 0 ? {} : { namespaces: namespace }),
          ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
        };
        show(await client.post('tokens', { name, grants: [grant], expiresInDays: Number(expiresInDays) }));
      }),
    );
  sub('rotate <id>', 'make a token in the place of another one')
    .option('--overlap-hours <number>', 'how long the old one stays good', '24')
    .action((id: string, { overlapHours, ...options }: ServerOptions & { readonly overlapHours: string }) =>
      using(options, async (client) => {
        const path = `tokens/${encodeURIComponent(id)}/rotate`;
        show(await client.post(path, { overlapHours: Number(overlapHours) }));
      }),
    );
  sub('revoke <id>', 'end a token at once').action((id: string, options: ServerOptions) =>
    using(options, async (client) => {
      await client.delete(`tokens/${encodeURIComponent(id)}`);
      terminal.err(`token ${id} is revoked`);
    }),
  );
  return tokens;
}
