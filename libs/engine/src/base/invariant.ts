/** Throws when `condition` is false. For our own bugs only: bad input becomes a diagnostic instead. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}

/** Marks a switch as complete: the compiler rejects the call while a variant is left out. */
export function assertNever(value: never): never {
  throw new Error(`invariant: unexpected variant ${JSON.stringify(value)}`);
}
