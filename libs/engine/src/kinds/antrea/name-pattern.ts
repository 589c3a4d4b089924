import type { NamePattern } from '../../model/index.js';

/** Tests names against a pattern in which `*` stands for any characters, dots included; case does not matter. */
export function namePatternTest({ pattern }: NamePattern): (name: string) => boolean {
  const parts = pattern.toLowerCase().replace(/\.$/, '').split('*');
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  return (name) => {
    if (parts.length === 1) return name === first;
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > name.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  };
}
