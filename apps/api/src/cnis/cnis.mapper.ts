import { CAPABILITIES, CAPABILITY_TITLES, cniComparison, comparedFeatures } from '#engine';
import type { Body } from '../rest/schema-registry.js';
import type { cniListBody } from './cnis.body.js';

export type CniListBody = Body<typeof cniListBody>;

/** The comparison of plugins, the same for REST and GraphQL. */
export function comparedCnis(): CniListBody['items'] {
  return cniComparison().map(({ id, title, columns, capabilities, notes }) => ({
    id,
    title,
    features: comparedFeatures(columns),
    capabilities: CAPABILITIES.map((capability) => {
      const { value, note } = capabilities[capability];
      return { capability: CAPABILITY_TITLES[capability], support: value, note };
    }),
    notes: [...notes],
  }));
}
