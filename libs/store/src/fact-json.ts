import { hash } from 'node:crypto';
import { canonicalJson, type Fact } from '#engine';

/** Fields that hold maps whose keys come from a cluster. */
const MAP_FIELDS = ['labels', 'annotations', 'env', 'selector'] as const;
/** Fields below which such maps stand. `raw` is not among them: it is read with own-field access only. */
const HOLDERS = ['meta', 'shape', 'template', 'containers'] as const;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Takes the prototype off the label maps below `holder`, in place, as the engine made them. */
export function bareMaps(holder: Record<string, unknown>): void {
  for (const field of MAP_FIELDS) {
    const map = holder[field];
    if (isRecord(map) && !Array.isArray(map)) Object.setPrototypeOf(map, null);
  }
  for (const field of HOLDERS) {
    const inner = holder[field];
    if (Array.isArray(inner)) inner.filter(isRecord).forEach(bareMaps);
    else if (isRecord(inner)) bareMaps(inner);
  }
}

/** A stored fact as the engine made it: equal content, and label maps that no key can reach a prototype through. */
export function factFromText(text: string): Fact {
  const value = JSON.parse(text) as Record<string, unknown>;
  bareMaps(value);
  return value as unknown as Fact;
}

/** A fact as JSON text, which `factFromText` reads back, and a hash of its content: 32 hexadecimal digits. */
export function packFact(fact: Fact): { readonly text: string; readonly hash: string } {
  const text = JSON.stringify(fact);
  // The engine makes facts with their keys in one order; only what it keeps as it came has them in any.
  const canonical = 'raw' in fact ? canonicalJson(fact) : text;
  return { text, hash: hash('sha256', canonical, 'hex').slice(0, 32) };
}

/** Text as Postgres can hold it in a column: it refuses NUL, and half of a surrogate pair has no UTF-8. */
export function columnText(value: string): string {
  if (!/[\0\uD800-\uDFFF]/.test(value)) return value;
  return Buffer.from(value.replaceAll('\0', '\uFFFD'), 'utf8').toString('utf8');
}

/** jsonb takes neither NUL nor half of a surrogate pair, and both may stand in what callers and clusters write. */
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return columnText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, storableJson(entry)]])),
  );
}
