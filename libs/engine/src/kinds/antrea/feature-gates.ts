import type { Semantics } from '../../model/index.js';

/** Alpha features that are off until the cluster's configuration turns them on. */
export type FeatureGate = 'L7NetworkPolicy' | 'NodeNetworkPolicy';

/**
 * Whether a feature is on. The options of a detected CNI speak for themselves, where a gate that they leave out is off;
 * without a detected CNI policy is read with every feature on.
 */
export function isOn(gate: FeatureGate, { options }: Semantics): boolean {
  const value = options[`gate.${gate}`];
  return value === undefined ? options['engine'] === undefined : value.toLowerCase() === 'true';
}
