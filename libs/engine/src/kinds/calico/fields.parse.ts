import { field, isObject, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { blockOf, cidrForm, formatCidr, parseCidr, parseIp } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

/** A list field; an error and nothing when it is something else. */
export function readList(value: Json | undefined, at: string, problems: ProblemList): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  problems.error('calico.list', at, `expected a list, found ${describe(value)}`);
  return [];
}

/** An object field; an error and nothing when it is something else. */
export function readObject(value: Json | undefined, at: string, problems: ProblemList): Json | undefined {
  if (value === undefined || isObject(value)) return value;
  problems.error('calico.object', at, `expected an object, found ${describe(value)}`);
  return undefined;
}

/** A number inside limits, or null with an error. */
export function readWhole(
  value: Json | undefined,
  limits: readonly [number, number],
  at: string,
  problems: ProblemList,
): number | null {
  if (value === undefined) return null;
  const [from, to] = limits;
  if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
  problems.error('calico.number', at, `expected a whole number from ${from} to ${to}, found ${describe(value)}`);
  return null;
}

/** A flag that is off unless it is `true`. */
export function readFlag(parent: unknown, key: string, at: string, problems: ProblemList): boolean {
  const value = field(parent, key);
  if (value === undefined || typeof value === 'boolean') return value === true;
  problems.error('calico.flag', pointer(at, key), `expected true or false, found ${describe(value)}`);
  return false;
}

/**
 * How the blocks of rules are read: those that the API takes have no bits beyond their prefix; of stored ones Felix masks
 * the bits and leaves out what is no block. (CAL-72)
 */
export type NetsReading = 'api' | 'stored' | 'either';

/** Address blocks as canonical text; a bare address is a block of one. Sets may have bits beyond a prefix. */
export function readNets(
  value: Json | undefined,
  at: string,
  problems: ProblemList,
  reading: NetsReading | 'sets' = 'sets',
): readonly string[] {
  return readList(value, at, problems).flatMap((entry, index) => {
    const here = pointer(at, index);
    const net = typeof entry === 'string' ? netOf(entry) : null;
    if (net !== null) {
      if (reading !== 'sets' && parseCidr(text(entry))?.hostBits === true)
        tellBits(text(entry), net, here, problems, reading);
      return [net];
    }
    const why = `expected an address or a block of addresses, found ${describe(entry)}`;
    if (reading === 'stored') problems.suspect('calico.net', here, `${why}; Felix leaves it out`);
    else problems.error('calico.net', here, why);
    return [];
  });
}

function tellBits(written: string, net: string, at: string, problems: ProblemList, reading: NetsReading): void {
  const what = `\`${written}\` has bits beyond its prefix`;
  if (reading === 'api') problems.error('calico.net_bits', at, `${what}, which the API refuses: write \`${net}\``);
  else problems.suspect('calico.net_bits', at, `${what}, and is read as \`${net}\``);
}

/** A block, or an address as a block of one; null when the text is neither, or has a zero before a number (CAL-29). */
export function netOf(text: string): string | null {
  if (cidrForm(text).octetZero) return null;
  const cidr = parseCidr(text);
  if (cidr !== null) return formatCidr(cidr);
  const ip = parseIp(text);
  return ip === null ? null : blockOf(ip);
}

/** The API server refuses or drops fields that it does not know: the rule would mean something else than it says. */
export function warnUnknownFields(value: unknown, known: ReadonlySet<string>, at: string, problems: ProblemList): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (!known.has(key)) problems.suspect('calico.field', pointer(at, key), `unknown field \`${key}\` is ignored`);
  }
}
