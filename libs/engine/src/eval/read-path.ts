import type { PathReading } from '../model/index.js';

/**
 * A path of a request as policy may see it: every reading that the form leaves open, null for one that is not taken for a
 * path. Most have one reading.
 */
export function readPath(asked: string, { form, query }: Omit<PathReading, 'certain'>): readonly (string | null)[] {
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(asked) ?? [];
  const kept = query === 'kept' ? rest : '';
  return FORMS[form](path).map((read) => (read === null ? null : `${read}${kept}`));
}

const FORMS: Readonly<Record<PathReading['form'], (path: string) => readonly (string | null)[]>> = {
  'as-sent': (path) => [path],
  normal,
  merged: (path) => normal(path).map(merge),
  decoded: (path) => normal(path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\')).map(merge),
  calico: (path) => [calicoPath(path)],
};

/** Envoy, by RFC 3986 and with backslashes for slashes. Whether it unescapes what needs no escape is the version's. */
function normal(path: string): readonly string[] {
  if (!/[\\%]|\/\./.test(path)) return [path];
  const plain = path.replaceAll('\\', '/').replace(/%2e/gi, '.');
  const unescaped = plain.replace(/%[0-9a-f]{2}/gi, (code) => {
    const letter = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[\w~-]/.test(letter) ? letter : code;
  });
  return [...new Set([withoutDots(plain), withoutDots(unescaped)])];
}

function withoutDots(path: string): string {
  const segments = path.split('/');
  const out: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === '..' && out.length > 1) out.pop();
    if (segment !== '.' && segment !== '..') out.push(segment);
    else if (index === segments.length - 1) out.push('');
  }
  return out.join('/');
}

const merge = (path: string): string => path.replace(/\/{2,}/g, '/');

/** Calico's checker: decoded once, without parameters of segments, cleaned; null for what others may read differently. */
export function calicoPath(path: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(path)) return null;
  // Bytes that are no UTF-8 are in no path that a rule can name.
  const decoded = path.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => decode(codes) ?? '\0').replaceAll('\\', '/');
  if (/%(?:2e|2f|5c)|\0/i.test(decoded) || !decoded.startsWith('/')) return null;
  const clean = merge(withoutDots(merge(decoded.replace(/;[^/]*/g, ''))));
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean;
}

function decode(codes: string): string | null {
  try {
    return decodeURIComponent(codes);
  } catch {
    return null;
  }
}
