import { z } from 'zod';
import { formatParameter } from '../rest/formats/negotiate.js';

export const FLEET_FORMATS = ['json', 'ndjson'] as const;
export const fleetQuery = z.strictObject({ format: formatParameter(FLEET_FORMATS) });
