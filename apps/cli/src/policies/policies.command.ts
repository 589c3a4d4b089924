import { CliError } from '../cli-error.js';
import type { SourceOptions } from '../can/can-options.js';
import { assertOneSource, clusterOfServer } from '../can/question-source.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import type { Terminal } from '../terminal.js';

export interface PoliciesOptions extends SourceOptions {
  readonly namespace?: string;
  readonly idle?: boolean;
  readonly output: TextFormat;
}

/** A policy as it is listed. `namespace` is '' for cluster-wide kinds. */
interface PolicyRow {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Lists the policies of a folder or of a server's cluster, sorted by namespace, kind and name. */
export async function runPolicies(options: PoliciesOptions, terminal: Terminal): Promise<ExitCode> {
  assertOneSource(options);
  if (options.idle === true) {
    if (options.dir === undefined) throw new CliError(EXIT.usage, '--idle needs --dir');
    const { runIdleRules } = await import('./idle-rules.command.js');
    return runIdleRules(options.dir, options, terminal);
  }
  const found = options.dir === undefined ? await ofServer(options) : await ofFolder(options.dir, terminal);
  const { namespace } = options;
  const wanted = namespace === undefined ? found : found.filter((policy) => policy.namespace === namespace);
  const sorted = wanted.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const columns = ['namespace', 'kind', 'name'];
  const rows = (): string[][] => sorted.map((policy) => [policy.namespace || '-', policy.kind, policy.name]);
  const words = (table: () => string): void => {
    if (sorted.length > 0) terminal.out(table());
    else if (namespace === undefined) terminal.err('no policies');
    else terminal.err(`no policies in namespace \`${namespace}\`, leave -n out to see all`);
  };
  await tell({ data: sorted, words, columns, rows }, options.output, terminal);
  return EXIT.ok;
}

async function ofFolder(dir: string, terminal: Terminal): Promise<PolicyRow[]> {
  const [{ compileSnapshot, kindId }, { readFolder, showPolicyProblems }] = await Promise.all([
    import('#engine'),
    import('../manifests/read-folder.js'),
  ]);
  const { facts } = await readFolder(dir, terminal);
  showPolicyProblems(compileSnapshot(facts), terminal);
  return facts
    .filter((fact) => fact.type === 'policy')
    .map(({ meta }) => ({ kind: kindId(meta), namespace: meta.namespace, name: meta.name }));
}

async function ofServer(options: PoliciesOptions): Promise<PolicyRow[]> {
  const { namespace } = options;
  const { server, cluster } = clusterOfServer(options);
  const [{ kindId }, { ServerClient }] = await Promise.all([import('#engine'), import('../server/server-client.js')]);
  const client = new ServerClient(server);
  const path = `clusters/${encodeURIComponent(cluster)}/policies`;
  const { items } = await client.list(path, { namespace });
  return (items as readonly (PolicyRow & { readonly group: string })[]).map((item) => ({
    kind: kindId(item),
    namespace: item.namespace,
    name: item.name,
  }));
}

function sortKey({ kind, namespace, name }: PolicyRow): string {
  return [namespace, kind, name].join('\0');
}
