import { z } from 'zod';
import { PROBE_OUTCOMES } from '#engine';
import { named } from '../rest/schema-registry.js';
import { asOfBody, provenanceFields } from '../rest/shared.body.js';

const verdict = z.enum(['allowed', 'denied', 'mixed', 'undetermined']);
const outcome = z.enum(PROBE_OUTCOMES);
const predicted = z.enum(['open', 'blocked', 'unknown']);

const fleetResultBody = named(
  'FleetResult',
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('answer'),
      cluster: z.string(),
      verdict,
      summary: z.string(),
      connections: z
        .array(z.strictObject({ source: z.string(), destination: z.string(), connections: z.string() }))
        .describe('The first ones where a side was left open'),
      hasMore: z.boolean(),
      asOf: asOfBody,
    }),
    z.strictObject({ type: z.literal('absent'), cluster: z.string(), message: z.string() }),
    z.strictObject({ type: z.literal('failed'), cluster: z.string(), code: z.string(), message: z.string() }),
  ]),
);

const endShape = {
  asked: z.int(),
  answered: z.int(),
  absent: z.array(z.string()).describe('Clusters that do not have what was asked about'),
  failed: z.array(z.string()).describe('Clusters that could not be asked'),
};

export const fleetBody = named('FleetAnswer', z.strictObject({ items: z.array(fleetResultBody), ...endShape }));

export const fleetEventBody = named(
  'FleetEvent',
  z.union([fleetResultBody, z.strictObject({ type: z.literal('end'), ...endShape })]),
);

const legBody = z.strictObject({ seenAs: z.string(), verdict, summary: z.string() });

export const crossClusterBody = named(
  'CrossCluster',
  z.strictObject({
    verdict,
    routes: z.array(
      z.strictObject({
        kind: z.enum(['pod-address', 'node-port', 'load-balancer', 'cluster-mesh']),
        target: z.string(),
        verdict,
        egress: z.array(legBody),
        ingress: z.array(legBody),
        doubts: z.array(z.string()),
      }),
    ),
    assumptions: z.array(z.string()),
    from: asOfBody,
    to: asOfBody,
  }),
);

export const probePlanBody = named(
  'ProbePlan',
  z.strictObject({
    verdict,
    summary: z.string(),
    probes: z.array(
      z.strictObject({
        id: z.string(),
        from: z.string(),
        to: z.string(),
        address: z.string(),
        protocol: z.string(),
        port: z.int().nullable(),
        predicted,
        way: z.enum(['pod', 'debug', 'node', 'outside']),
        manifest: z.record(z.string(), z.unknown()).nullable(),
        setUp: z.array(z.string()),
        run: z.string(),
        lines: z
          .array(z.strictObject({ command: z.string(), prints: z.array(z.string()) }))
          .describe('With one tool at a time; the output has one of `prints` in it when the prediction holds'),
        expect: z.array(z.string()).describe('The lines of which it must print one'),
        cleanUp: z.array(z.string()),
        notes: z.array(z.string()),
      }),
    ),
    skipped: z.array(z.strictObject({ from: z.string(), to: z.string(), why: z.string() })),
    script: z.string().describe('All of it for a POSIX shell'),
    ...provenanceFields,
  }),
);

export const probeResultsBody = named(
  'ProbeResults',
  z.strictObject({
    results: z.array(
      z.strictObject({
        id: z.string(),
        from: z.string(),
        to: z.string(),
        predicted,
        observed: outcome.nullable(),
        agrees: z.boolean().nullable().describe('null when the two cannot be compared'),
        hints: z.array(z.string()),
      }),
    ),
    agreed: z.int(),
    differed: z.int(),
    ...provenanceFields,
  }),
);
