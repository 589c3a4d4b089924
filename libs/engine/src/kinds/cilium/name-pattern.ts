import type { NamePattern, TextTest } from '../../model/index.js';
import type { RawName } from './cilium.raw.js';

/** The name as a selector of destinations. */
export function hostNamePattern(name: RawName): NamePattern {
  return { dialect: name.exact ? 'exact' : 'label', pattern: name.text };
}

/**
 * The name as a test of a text in lower case without a final dot. `*` alone is any name, elsewhere characters inside one
 * label; a leading `**.` is one or more labels.
 */
export function namePattern(name: RawName): TextTest {
  const plain = name.text.replace(/\.$/, '');
  if (name.exact || !plain.includes('*')) return { op: 'exact', value: plain };
  if (plain === '*') return { op: 'present', value: '' };
  const anyDepth = plain.startsWith('**.');
  const source = (anyDepth ? plain.slice(3) : plain).split(/\*+/).map(literal).join('[^.]*');
  return { op: 'regex', value: anyDepth ? `(?:[^.]+\\.)+${source}` : source };
}

function literal(part: string): string {
  return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
