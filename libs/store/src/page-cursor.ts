import { createHash } from 'node:crypto';
import { AppError } from '#contracts';

/** Short digest of what a cursor is bound to: the list, its filter and its snapshot. */
function bindingOf(scope: unknown): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 12);
}

/** An opaque cursor that stands after `position` in the list that `scope` names. */
export function encodeCursor(scope: unknown, position: readonly string[]): string {
  return Buffer.from(JSON.stringify([bindingOf(scope), ...position])).toString('base64url');
}

/**
 * The position in a cursor. Throws `cursor.invalid` for text that is no cursor, and for one of another list, filter or
 * snapshot.
 */
export function decodeCursor(scope: unknown, cursor: string, length: number): string[] {
  const parts = readParts(cursor);
  if (parts?.length !== length + 1) {
    throw new AppError('cursor.invalid', 'the cursor is damaged, start again without one');
  }
  const [binding, ...position] = parts;
  if (binding !== bindingOf(scope)) {
    throw new AppError('cursor.invalid', 'the cursor belongs to another list or filter, start again without one');
  }
  return position;
}

function readParts(cursor: string): string[] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) && value.every((part) => typeof part === 'string' && !part.includes('\0'))
      ? value
      : null;
  } catch {
    return null;
  }
}
