import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { Terminal } from '../terminal.js';

/** Where flows come from, as commander reads it. */
export interface FlowSourceOptions {
  readonly file?: string;
  readonly relay?: string;
  readonly relayCa?: string;
  readonly relayCert?: string;
  readonly relayKey?: string;
  readonly relayName?: string;
  readonly since: string;
}

const RELAY_TIMEOUT_MS = 120_000;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Flows as lines of text: of a file, or as Relay gives them; null when neither is named. @throws CliError */
export async function flowText(options: FlowSourceOptions, terminal: Terminal): Promise<string | null> {
  if (options.file !== undefined) return readText(options.file, terminal);
  return options.relay === undefined ? null : relayText(options, options.relay);
}

/** The same where there must be some. */
export async function givenFlowText(options: FlowSourceOptions, terminal: Terminal): Promise<string> {
  const text = await flowText(options, terminal);
  if (text !== null) return text;
  throw new CliError(EXIT.usage, 'say where the flows are: --file with their file, or --relay with its address');
}

async function relayText(options: FlowSourceOptions, address: string): Promise<string> {
  const { RelayError, relayFlows } = await import('#hubble');
  const { relayCa: caFile, relayCert: certFile, relayKey: keyFile, relayName: serverName } = options;
  const files = { caFile, certFile, keyFile, serverName };
  const given = Object.fromEntries(Object.entries(files).filter(([, value]) => value !== undefined));
  const lines: string[] = [];
  try {
    const query = { since: new Date(Date.now() - ageMs(options.since)), timeoutMs: RELAY_TIMEOUT_MS };
    for await (const record of relayFlows({ address, ...given }, query)) lines.push(JSON.stringify(record));
  } catch (error) {
    if (error instanceof RelayError) throw new CliError(EXIT.unreachable, error.message);
    throw error;
  }
  return lines.join('\n');
}

function ageMs(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (seconds === undefined) throw new CliError(EXIT.usage, `\`${text}\` is no age, write it as 30m, 6h or 2d`);
  return Number(number) * seconds * 1000;
}
