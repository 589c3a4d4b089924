import { z } from 'zod';
import { pageInput } from './paging.input.js';
import { snapshotAt } from './snapshot-time.input.js';

const peer = z.string().trim().min(1).max(1024);

/** True or false, also as the text of a query string. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value): boolean => value === true || value === 'true');

/** Inclusive at both ends. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A port by number, or a range as `8000-8999`. */
export const portRange = z.union([z.number(), z.string().trim()]).transform((value, context): PortRange => {
  const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value)) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first !== '' && from >= 1 && from <= to && to <= 65_535) return { from, to };
  context.addIssue({ code: 'custom', message: 'must be a port from 1 to 65535, or a range such as `8000-8999`' });
  return z.NEVER;
});

/** Which reading of policy counts: what this cluster's CNI makes of it, or policy as written. */
export const readingName = z.enum(['enforced', 'intended']).default('enforced');

/** Which connections of a cluster. What is left out does not limit. */
export const connectionsFilter = z.strictObject({
  from: peer.optional(),
  to: peer.optional(),
  focus: peer.optional(),
  direction: z.enum(['both', 'ingress', 'egress']).default('both'),
  protocol: z.string().trim().min(1).max(32).optional(),
  port: portRange.optional(),
  verdict: z.enum(['allow', 'unknown']).default('allow'),
  reading: readingName,
  outside: flag.default(true),
  nodes: flag.default(false),
  at: snapshotAt.optional(),
});

const listedBy = z.enum(['pod', 'workload', 'namespace']);

/** A page of the list of connections. */
export const connectionsInput = connectionsFilter.extend({
  by: listedBy.default('workload'),
  ...pageInput.shape,
});

/** All connections at once: a stream, a matrix or a picture. */
export const allConnectionsInput = connectionsFilter.extend({ by: listedBy.default('workload') });

export type ConnectionsInput = z.output<typeof connectionsInput>;
export type AllConnectionsInput = z.output<typeof allConnectionsInput>;
