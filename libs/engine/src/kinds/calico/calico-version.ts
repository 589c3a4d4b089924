import type { CompileEnv } from '../frontend.js';

/** The version of Calico; '' where it is not known, or another engine enforces. */
export function calicoVersion({ semantics }: Pick<CompileEnv, 'semantics'>): string {
  return semantics.combination === 'calico' ? (semantics.options['version'] ?? '') : '';
}
