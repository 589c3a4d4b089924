import type { FlowSuggestions, PolicyForm } from '#checks';
import {
  compileSnapshot,
  explainFlow,
  isAtOdds,
  placeFlows,
  type CompiledSnapshot,
  type ExplainedFlow,
  type PlacedFlow,
} from '#engine';
import type { FlowsRead } from '#flows';

import type { SourceOptions } from '../can/can-options.js';
import { clusterOfServer, noSource } from '../can/question-source.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import { flowText, givenFlowText, type FlowSourceOptions } from './flow-text.js';
import { KEPT, renderExplained, renderSuggestions, tellFile, type FlowFile } from './render-flows.js';

interface WhereOptions extends FlowSourceOptions, SourceOptions {
  readonly at?: string;
  readonly output: 'text' | 'json';
}

export interface ExplainOptions extends WhereOptions {
  readonly standing: readonly string[];
}

export interface SuggestOptions extends WhereOptions {
  readonly form?: PolicyForm;
  readonly namespace: readonly string[];
}

interface Explained {
  readonly read: FlowFile;
  readonly items: readonly ExplainedFlow[];
}

type Suggested = FlowSuggestions & { readonly read: FlowFile };

/** Tells which policies decide flows that were seen. */
export async function runExplain(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const explained =
    options.dir === undefined
      ? await explainOnServer(options, await flowText(options, terminal))
      : await explainHere(options.dir, await givenFlowText(options, terminal), options, terminal);
  tellFile(explained.read, sourceOf(options), terminal);
  terminal.out(
    options.output === 'json'
      ? JSON.stringify(explained, null, 2)
      : renderExplained(explained.items, options.standing.length > 0),
  );
  return explained.items.some(({ standing }) => isAtOdds(standing)) ? EXIT.unexpected : EXIT.ok;
}

/** Writes policies that let through just what was seen. */
export async function runSuggest(options: SuggestOptions, terminal: Terminal): Promise<ExitCode> {
  const suggested =
    options.dir === undefined
      ? await suggestOnServer(options, await flowText(options, terminal))
      : await suggestHere(options.dir, await givenFlowText(options, terminal), options, terminal);
  tellFile(suggested.read, sourceOf(options), terminal);
  terminal.out(options.output === 'json' ? JSON.stringify(suggested, null, 2) : renderSuggestions(suggested));
  return suggested.cut.length > 0 ? EXIT.unexpected : EXIT.ok;
}

function sourceOf({ file, relay }: FlowSourceOptions): string {
  return file ?? (relay === undefined ? KEPT : 'Relay');
}

async function explainHere(
  dir: string,
  text: string,
  { standing }: ExplainOptions,
  terminal: Terminal,
): Promise<Explained> {
  const { read, compiled, placed } = await placedHere(dir, text, terminal);
  const items = placed.map((flow) => explainFlow(compiled, flow));
  return { read, items: items.filter((item) => standing.length === 0 || standing.includes(item.standing)) };
}

async function suggestHere(dir: string, text: string, options: SuggestOptions, terminal: Terminal): Promise<Suggested> {
  const { suggestPolicies } = await import('#checks');
  const { read, compiled, placed } = await placedHere(dir, text, terminal);
  const namespaces = options.namespace.length === 0 ? undefined : options.namespace;
  return { read, ...suggestPolicies(compiled, placed, { form: options.form, namespaces }) };
}

interface PlacedHere {
  readonly read: FlowFile;
  readonly compiled: CompiledSnapshot;
  readonly placed: readonly PlacedFlow[];
}

async function placedHere(dir: string, text: string, terminal: Terminal): Promise<PlacedHere> {
  const [{ readFlows }, { readFolder }] = await Promise.all([import('#flows'), import('../manifests/read-folder.js')]);
  const { flows, ...read }: FlowsRead = readFlows(text);
  const { facts } = await readFolder(dir, terminal);
  const compiled = compileSnapshot(facts);
  return { read: { ...read, flows: flows.length }, compiled, placed: placeFlows(compiled, flows) };
}

async function explainOnServer(options: ExplainOptions, text: string | null): Promise<Explained> {
  const items: ExplainedFlow[] = [];
  const standing = options.standing.length === 0 ? undefined : options.standing;
  let cursor: string | undefined;
  for (;;) {
    const body = await ask(options, 'explain', text, { standing, limit: '100', cursor });
    const { read, items: some, page } = body as Explained & { readonly page: { readonly nextCursor: string | null } };
    items.push(...some);
    if (page.nextCursor === null) return { read, items };
    cursor = page.nextCursor;
  }
}

async function suggestOnServer(options: SuggestOptions, text: string | null): Promise<Suggested> {
  const namespace = options.namespace.length === 0 ? undefined : options.namespace;
  return (await ask(options, 'suggest', text, { form: options.form, namespace })) as Suggested;
}

async function ask(
  options: WhereOptions,
  what: string,
  text: string | null,
  query: Readonly<Record<string, string | readonly string[] | undefined>>,
): Promise<unknown> {
  if (options.server === undefined) throw noSource();
  const { server, cluster } = clusterOfServer(options);
  const { ServerClient } = await import('../server/server-client.js');
  const path = `clusters/${encodeURIComponent(cluster)}/flows/${what}`;
  const kept = text === null ? 'true' : undefined;
  const content = { content: Buffer.from(text ?? ''), contentType: 'application/x-ndjson' };
  return new ServerClient(server).postBytes(path, content, { ...query, kept, at: options.at });
}
