import { bareMap, hasPorts, isObject, list, parseIp, formatIp, parseProtocol, text, textMap } from '#engine';
import type { Json, Labels, Protocol } from '#engine';

/** Protocol and port of a destination; a text says what is wrong with them. */
export function service(
  protocol: Json | undefined,
  port: Json | undefined,
): { readonly protocol: Protocol; readonly port: number | null } | string {
  const name = typeof protocol === 'number' ? String(protocol) : text(protocol);
  const known = parseProtocol(name);
  if (known === null) return name === '' ? 'it names no protocol' : `\`${name.slice(0, 40)}\` is no protocol`;
  if (!hasPorts(known)) return { protocol: known, port: null };
  const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 1 || number > 65535) {
    return `\`${JSON.stringify(port ?? null).slice(0, 40)}\` is no port, use 1 to 65535`;
  }
  return { protocol: known, port: number };
}

/** An address in its usual form; '' for what is none, and for the address that stands for none. */
export function address(value: Json | undefined): string {
  const ip = parseIp(text(value));
  return ip === null || ip.value === 0n ? '' : formatIp(ip);
}

/** Labels as an object, a list of `key=value`, or such a list in one text. */
export function labels(value: Json | undefined): Labels {
  if (isObject(value)) return textMap(value);
  const out = bareMap<string>();
  const pairs = Array.isArray(value) ? list(value).map(text) : text(value).split(/\s*[|,]\s*/);
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals > 0) out[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return out;
}

/** RFC 3339 from a text, seconds (or nanoseconds) since 1970, or seconds and nanoseconds; '' for none. */
export function time(value: Json | undefined): string {
  if (isObject(value)) return time(Number(value['seconds']));
  if (typeof value === 'string') return /^\d+$/.test(value) ? time(Number(value)) : iso(Date.parse(value));
  if (typeof value !== 'number' || value <= 0) return '';
  return iso(value > 1e14 ? value / 1e6 : value * 1000);
}

const LAST_MS = 253_402_300_799_999;

function iso(ms: number): string {
  return ms >= 0 && ms <= LAST_MS ? new Date(ms).toISOString() : '';
}

/** A count of 1 or more. */
export function count(value: Json | undefined): number {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : 1;
}

/** `namespace/name`, or the name alone. */
export function fullName(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
