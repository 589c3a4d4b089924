import type { CompiledSnapshot, Reading } from './compile-snapshot.js';

/** The snapshot with one of its readings replaced. What a snapshot makes on first use is made. */
export function withReading(
  snapshot: CompiledSnapshot,
  name: 'intended' | 'enforced',
  reading: Reading,
): CompiledSnapshot {
  const { index, endpoints, directory, cni, intended, enforced, completeness, diagnostics } = snapshot;
  const now = { index, endpoints, directory, cni, intended, enforced, completeness, diagnostics };
  return { ...now, [name]: reading };
}
