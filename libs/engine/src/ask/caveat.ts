import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { ReadingName } from '../eval/evaluate-pair.js';

/** What an answer that counts only what is certain leaves out; null when that is nothing. */
export function caveatOf({ cni }: CompiledSnapshot, reading: ReadingName): string | null {
  if (reading === 'intended' || cni.enforced !== 'unknown') return null;
  return 'it is not known whether the network plugin enforces policy: only what passes either way is told, ask for the reading `intended` to go by policy alone';
}
