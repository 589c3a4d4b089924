import { blastInput, entryPointsInput, exposureInput } from '#contracts';
import { reachabilityQuery } from '../reachability/reachability.query.js';
import { formatParameter } from '../rest/formats/negotiate.js';

export const TABLE_FORMATS = ['json', 'csv', 'md'] as const;
export const EXPOSURE_FORMATS = ['json', 'ndjson', 'csv', 'md'] as const;
export const BLAST_FORMATS = ['json', 'csv', 'md', 'svg', 'dot', 'mermaid'] as const;
export const WHY_FORMATS = ['json', 'md', 'svg', 'dot', 'mermaid'] as const;

export const entryPointsQuery = entryPointsInput.extend({ format: formatParameter(TABLE_FORMATS) });
export const exposureQuery = exposureInput.extend({ format: formatParameter(EXPOSURE_FORMATS) });
export const blastQuery = blastInput.extend({ format: formatParameter(BLAST_FORMATS) });
export const whyQuery = reachabilityQuery.extend({ format: formatParameter(WHY_FORMATS) });
