import { field, text } from '#engine';

/** The key of an object within its kind, from its metadata. */
export function nameOf(metadata: unknown): string {
  return `${text(field(metadata, 'namespace'))}/${text(field(metadata, 'name'))}`;
}
