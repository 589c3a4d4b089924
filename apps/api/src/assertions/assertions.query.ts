import { z } from 'zod';

/** How results are told; by the `Accept` header when it is left out. */
export const junitQuery = z.strictObject({ format: z.enum(['json', 'junit']).optional() });
