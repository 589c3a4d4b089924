import { z } from 'zod';
import { POLICY_FORMS } from './flows.input.js';
import { snapshotAt } from './snapshot-time.input.js';

/** Forms in which policies are handed over. */
export const BUNDLE_FORMS = ['manifests', 'kyverno', 'kyverno-generating', 'gatekeeper'] as const;

const outside = z.string().trim().min(1).max(253);

/** A pattern to be filled in for a namespace. */
export const patternInput = z.strictObject({
  namespace: z.string().trim().min(1).max(253),
  form: z
    .enum(POLICY_FORMS)
    .optional()
    .describe('The kind of policy; when left out `kubernetes`, and for names what the network plugin has'),
  as: z.enum(BUNDLE_FORMS).optional().describe('The policies as they are, or what keeps them in place'),
  outside: z
    .union([outside.transform((one) => [one]), z.array(outside).min(1).max(50)])
    .optional()
    .describe('Names and blocks outside, for `external-services`; repeatable'),
  port: z
    .union([
      z.int(),
      z
        .string()
        .regex(/^\d{1,5}$/)
        .transform(Number),
    ])
    .pipe(z.int().min(1).max(65535))
    .optional(),
  at: snapshotAt.optional(),
});
export type PatternInput = z.output<typeof patternInput>;
