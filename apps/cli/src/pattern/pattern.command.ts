import {
  fillPattern,
  PATTERNS,
  type BundleForm,
  type FilledPattern,
  type PolicyForm,
  type UnfilledPattern,
} from '#checks';
import { compileSnapshot } from '#engine';

import type { SourceOptions } from '../can/can-options.js';
import { noSource } from '../can/question-source.js';
import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import { ServerClient } from '../server/server-client.js';
import type { Terminal } from '../terminal.js';

export interface PatternOptions extends SourceOptions {
  readonly at?: string;
  readonly namespace?: string;
  readonly form?: PolicyForm;
  readonly as?: BundleForm;
  readonly outside: readonly string[];
  readonly port?: string;
  readonly output: 'text' | 'json';
}

/** A manifest has to be found below them. */
const CHANGES_SHOWN = 15;

/** Lists the patterns, or fills one in for a namespace of a folder or a cluster and tells what it would change. */
export async function runPattern(
  id: string | undefined,
  options: PatternOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (id === undefined) {
    const lines = PATTERNS.map((pattern) => `${pattern.id.padEnd(22)}${pattern.title}`);
    terminal.out(options.output === 'json' ? JSON.stringify(PATTERNS, null, 2) : lines.join('\n'));
    return EXIT.ok;
  }
  const filled =
    options.dir === undefined ? await fillOnServer(id, options) : await fillHere(id, options, options.dir, terminal);
  if (filled === null) {
    const known = PATTERNS.map((pattern) => pattern.id).join(', ');
    throw new CliError(EXIT.usage, `there is no pattern \`${id}\``, [`the patterns are ${known}`]);
  }
  if ('missing' in filled) throw new CliError(EXIT.undetermined, `\`${id}\` cannot be filled in: ${filled.missing}`);
  const { manifest, note, prediction } = filled;
  if (options.output === 'json') terminal.out(JSON.stringify(filled, null, 2));
  else if (manifest === '') terminal.out(`# ${note}`);
  else {
    const changes = prediction.changes
      .slice(0, CHANGES_SHOWN)
      .map(
        ({ source, destination, opens, closes }) => `# ${source} → ${destination}: opens ${opens}, closes ${closes}`,
      );
    const more = prediction.changes.length - changes.length;
    if (more > 0) changes.push(`# and ${String(more)} more, which \`-o json\` tells`);
    const counts = `# opens ${prediction.opened} and closes ${prediction.closed} pairs`;
    terminal.out([...(note === '' ? [] : [`# ${note}`]), counts, ...changes, manifest.trimEnd()].join('\n'));
  }
  return EXIT.ok;
}

type Filled = FilledPattern | UnfilledPattern;

async function fillHere(id: string, options: PatternOptions, dir: string, terminal: Terminal): Promise<Filled | null> {
  const { form, as, outside, port } = options;
  const { facts } = await readFolder(dir, terminal);
  const asked = { form, as, outside, port: port === undefined ? undefined : Number(port) };
  return fillPattern(compileSnapshot(facts), id, namespaceOf(options), asked);
}

async function fillOnServer(id: string, options: PatternOptions): Promise<Filled> {
  const { server, cluster, at, form, as, outside, port } = options;
  const namespace = namespaceOf(options);
  if (server === undefined || cluster === undefined) throw noSource();
  const path = `clusters/${encodeURIComponent(cluster)}/patterns/${encodeURIComponent(id)}`;
  const query = { namespace, at, form, as, outside, port };
  const { missing, ...filled } = (await new ServerClient(server).get(path, query)) as FilledPattern & {
    readonly missing: string | null;
  };
  return missing === null ? filled : { pattern: filled.pattern, missing };
}

function namespaceOf({ namespace }: PatternOptions): string {
  if (namespace === undefined)
    throw new CliError(EXIT.usage, 'a pattern is filled in for a namespace: give --namespace');
  return namespace;
}
