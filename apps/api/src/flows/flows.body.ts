import { z } from 'zod';
import { FLOW_STANDINGS, POLICY_FORMS, SEEN_VERDICTS } from '#contracts';
import { predictionBody } from '../audits/audit.body.js';
import { answerVerdict, ruleBody } from '../reachability/reachability.body.js';
import { named } from '../rest/schema-registry.js';
import { pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

const count = z.int().min(0);
const seenAt = z.string().describe("RFC 3339, '' when the source does not tell it");

const readBody = named(
  'FlowFile',
  z.strictObject({
    flows: count,
    sources: z.array(z.string()).describe('What the records are of, as `Hubble`'),
    problems: z.array(z.strictObject({ line: z.int(), message: z.string() })).describe('The first 100'),
    problemCount: count,
    leftOut: z.record(z.string(), count).describe('Records that are no flows, by what they are'),
    lost: count.describe('Flows that the source says it could not keep'),
    firstSeen: seenAt,
    lastSeen: seenAt,
  }),
);

const seenVerdict = z.enum(SEEN_VERDICTS);
const standing = named('FlowStanding', z.enum(FLOW_STANDINGS));

export const explainedFlowsBody = named(
  'ExplainedFlows',
  z.strictObject({
    read: readBody,
    standings: z.partialRecord(standing, count).describe('Of all flows, not of the page alone'),
    items: z.array(
      z.strictObject({
        source: z.string(),
        destination: z.string(),
        protocol: z.string(),
        port: z.int().nullable(),
        seen: seenVerdict,
        reasons: z.array(z.string()).describe('Why it was dropped, as its source says'),
        told: z.array(z.string()).describe('Policies that decided, as its source says'),
        count,
        firstSeen: seenAt,
        lastSeen: seenAt,
        standing,
        intended: answerVerdict.nullable().describe('null when a peer is not in the inventory'),
        enforced: answerVerdict.nullable(),
        rules: z.array(ruleBody).describe('Those that decide it'),
        why: z.string(),
        hint: z.string().describe("What to look at next; '' when nothing is odd"),
      }),
    ),
    page: pageBody,
    ...provenanceFields,
  }),
);

export const suggestionsBody = named(
  'FlowSuggestions',
  z.strictObject({
    read: readBody,
    form: z.enum(POLICY_FORMS),
    policies: z.array(
      z.strictObject({
        workload: z.string(),
        namespace: z.string(),
        name: z.string(),
        manifest: z.string().describe('YAML'),
        allows: z.array(
          z.strictObject({
            direction: z.enum(['ingress', 'egress']),
            peer: z.string(),
            ports: z.string(),
            count: count.describe('How often it was seen; 0 for what is let through unseen'),
          }),
        ),
      }),
    ),
    manifest: z.string().describe('All of them, as YAML'),
    prediction: predictionBody,
    kept: count.describe('Flows that passed and still do'),
    cut: z.array(
      z.strictObject({
        source: z.string(),
        destination: z.string(),
        protocol: z.string(),
        port: z.int().nullable(),
        count,
        why: z.string(),
      }),
    ),
    notes: z.array(z.string()),
    ...provenanceFields,
  }),
);

export const keepFlowsBody = named(
  'KeepFlows',
  z.strictObject({
    read: readBody,
    kept: count.describe('Flows, added up by workload, that are new or were added to'),
    refused: count.describe('Flows that are not kept'),
    unnamed: z
      .array(z.string())
      .describe('Peers why: not in the inventory, where you may not look, or more than one workload; the first 100'),
    dropped: count.describe('Flows not seen for longest that went to make room'),
    ...provenanceFields,
  }),
);

export const keptFlowBody = named(
  'KeptFlow',
  z.strictObject({
    source: z.string().describe('As in a question: `workload:shop/web`, `ip:203.0.113.9`'),
    destination: z.string(),
    hostNames: z.array(z.string()).describe('That the destination was looked up by'),
    protocol: z.string(),
    port: z.int().nullable(),
    seen: seenVerdict,
    reasons: z.array(z.string()),
    told: z.array(z.string()).describe('Policies that decided, as the source says'),
    count,
    firstSeen: timestamp,
    lastSeen: timestamp,
    origins: z.array(z.string()).describe('What told it, as `Hubble`'),
  }),
);

export const keptFlowsBody = named(
  'KeptFlows',
  z.strictObject({
    total: count.describe('Of all that you may see, whatever the filter'),
    firstSeen: timestamp.nullable(),
    lastSeen: timestamp.nullable(),
    items: z.array(keptFlowBody).describe('The last seen first'),
    page: pageBody,
    ...provenanceFields,
  }),
);
