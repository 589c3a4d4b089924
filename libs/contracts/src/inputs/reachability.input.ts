import { z } from 'zod';
import { snapshotAt } from './snapshot-time.input.js';

const peer = z.string().trim().min(1).max(1024);
const short = z.string().min(1).max(256);
const long = z.string().min(1).max(4096);
const portNumber = z.int().min(1).max(65535);

/** A port by number or by name. Digits in text are a number, as they come from a query string. */
const port = z.union([z.number(), z.string().trim()]).transform((value, context): number | string => {
  if (typeof value === 'string' && /[a-z]/i.test(value) && /^[a-z0-9-]{1,63}$/i.test(value)) return value;
  const number = value === '' ? Number.NaN : Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= 65535) return number;
  context.addIssue({ code: 'custom', message: 'must be a number from 1 to 65535 or the name of a port' });
  return z.NEVER;
});

/** What is known of the request itself, for rules that look into it. */
const l7Input = z.strictObject({
  protocol: short.optional(),
  method: short.optional(),
  path: long.optional(),
  host: short.optional(),
  headers: z.record(short, z.string().max(4096)).optional(),
  fields: z.record(short, z.string().max(4096)).optional(),
});

/** Which ICMP messages are meant; any code when it is left out. */
const icmpInput = z.strictObject({
  type: z.int().min(0).max(255),
  code: z.int().min(0).max(255).optional(),
});

/** Can `from` open a connection to `to`? Peers are text in the forms that the engine's `parsePeer` reads. */
export const reachabilityInput = z.strictObject({
  /** Name or id. */
  cluster: z.string().trim().min(1).max(63),
  from: peer,
  to: peer,
  protocol: z.string().trim().min(1).max(32).default('TCP'),
  port: port.optional(),
  sourcePort: portNumber.optional(),
  icmp: icmpInput.optional(),
  l7: l7Input.optional(),
  at: snapshotAt.optional(),
});

export type ReachabilityInput = z.output<typeof reachabilityInput>;

/** Questions of one batch, at most. */
const MAX_BATCH_QUESTIONS = 1_000;

/**
 * Many questions at once. Each item is read by itself, so that a wrong one spoils no other; `ref` comes back with its
 * answer.
 */
export const reachabilityBatchInput = z.strictObject({
  items: z
    .array(z.looseObject({ ref: z.string().max(256).optional() }))
    .min(1)
    .max(MAX_BATCH_QUESTIONS),
});
export type ReachabilityBatchInput = z.output<typeof reachabilityBatchInput>;
