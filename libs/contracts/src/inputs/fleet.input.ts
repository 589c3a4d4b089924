import { z } from 'zod';
import { PROBE_OUTCOMES } from '#engine';
import { clusterRef, driftStates } from './drift.input.js';
import { reachabilityInput } from './reachability.input.js';

const peer = z.string().trim().min(1).max(1024);
const protocol = reachabilityInput.shape.protocol;

/** An entry of a drift report; the report is that of these two states. */
const driftEntryRef = z.strictObject({
  entry: z.string().trim().min(1).max(64),
  ...driftStates.omit({ cluster: true }).shape,
});

const probeShape = reachabilityInput.omit({ sourcePort: true, l7: true }).extend({
  from: peer.optional(),
  to: peer.optional(),
  /** In the place of `from` and `to`: the flow that shows this difference, as it is afterwards. */
  drift: driftEntryRef.optional(),
  /** Of the probes; has `nc`, `curl`, `ping`, `dig` and `nslookup`. */
  image: z
    .string()
    .regex(/^[a-zA-Z0-9][\w./:@-]{0,254}$/, 'must be the name of an image')
    .optional(),
});

type AboutPair = Pick<z.output<typeof probeShape>, 'from' | 'to' | 'port' | 'at' | 'drift'>;
const isAboutOne = ({ from, to, port, at, drift }: AboutPair): boolean =>
  drift === undefined
    ? from !== undefined && to !== undefined
    : [from, to, port, at].every((part) => part === undefined);
const ABOUT_ONE = { message: 'give `from` and `to`, or `drift` alone' };

/** A question, or a difference, to try out in its cluster. */
export const probePlanInput = probeShape.refine(isAboutOne, ABOUT_ONE);

/** What probes saw, by their ids; or what the script printed. */
export const probeResultsInput = probeShape
  .extend({
    results: z.union([
      z.string().max(100_000),
      z
        .array(
          z.strictObject({
            id: z.string().min(1).max(32),
            observed: z.enum(PROBE_OUTCOMES),
          }),
        )
        .max(1000),
    ]),
  })
  .refine(isAboutOne, ABOUT_ONE);

/** The same question to many clusters. Without `from` or `to`: which connections are there? */
export const fleetInput = z
  .strictObject({
    clusters: z.array(clusterRef).min(1).max(1000).optional(),
    from: peer.optional(),
    to: peer.optional(),
    /** Where one side is left open: any when there is no port either, TCP else. */
    protocol: protocol.unwrap().optional(),
    port: reachabilityInput.shape.port,
  })
  .refine((input) => (input.from !== undefined && input.to !== undefined) || typeof input.port !== 'string', {
    path: ['port'],
    message: 'must be a number where one of `from` and `to` is left out',
  });

/** Can an endpoint of one cluster reach one of another? */
export const crossClusterInput = z.strictObject({
  from: z.strictObject({ cluster: clusterRef, peer }),
  to: z.strictObject({ cluster: clusterRef, peer }),
  protocol,
  port: z.int().min(1).max(65535),
});

export type ProbePlanInput = z.output<typeof probePlanInput>;
export type ProbeResultsInput = z.output<typeof probeResultsInput>;
export type FleetInput = z.output<typeof fleetInput>;
export type CrossClusterInput = z.output<typeof crossClusterInput>;
