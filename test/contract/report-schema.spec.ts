import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { z } from 'zod';
import { CONFIDENCES, CONTROL_STATES, loadChecks, OUTCOMES, runChecks, SEVERITIES } from '#checks';
import { compileSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';
import { forFramework, renderReport, reportOfRun, type ReportModel } from '#reports';
import { expectReviewedCopy } from './reviewed-copy.js';

const ROOT = join(import.meta.dirname, '..', '..');

const count = z.int().min(0);
const time = z.iso.datetime();
const score = z.strictObject({
  name: z.string().describe("A namespace or a framework; '' for the whole"),
  score: z.int().min(0).max(100).nullable().describe('Null when no check came to a result'),
  passed: count,
  failed: count,
  open: count,
});
const control = z.strictObject({
  control: z.string(),
  status: z.enum(CONTROL_STATES),
  passed: z.array(z.string()),
  failed: z.array(z.string()),
  open: z.array(z.string()),
});
const check = z.strictObject({
  id: z.string(),
  number: z.string(),
  title: z.string(),
  description: z.string(),
  remediation: z.string(),
  severity: z.enum(SEVERITIES),
  compliance: z.array(z.string()),
  references: z.array(z.string()),
  outcome: z.enum(OUTCOMES),
  reason: z.string().describe("Why it came to neither a pass nor a fail, '' otherwise"),
});
const finding = z.strictObject({
  fingerprint: z.string(),
  check: z.string().describe('Id of the check'),
  number: z.string(),
  severity: z.enum(SEVERITIES),
  confidence: z.enum(CONFIDENCES),
  title: z.string(),
  object: z
    .strictObject({ group: z.string(), kind: z.string(), namespace: z.string(), name: z.string() })
    .nullable()
    .describe('Null for what is about the cluster'),
  pointer: z.string().describe('JSON pointer into the object'),
  evidence: z.array(z.strictObject({ what: z.string(), value: z.string() })),
  proof: z.string().describe("A flow that shows it, as the engine decided it; '' for none"),
  fix: z.strictObject({ title: z.string(), manifest: z.string(), note: z.string() }).nullable(),
  remediation: z.string(),
  compliance: z.array(z.string()),
  firstSeenAt: time.nullable(),
  isNew: z.boolean(),
  suppression: z
    .strictObject({ owner: z.string(), reason: z.string(), expiresAt: time })
    .nullable()
    .describe('Why it was accepted, by whom and until when; null when it counts'),
});
const document = z.strictObject({
  framework: z.string().nullable().describe('The framework that it is cut down to; null for all checks'),
  cluster: z.string(),
  audit: z.strictObject({ id: z.string(), number: count }).describe("'' and 0 for manifests"),
  snapshot: z
    .strictObject({ seq: z.int().min(1), takenAt: time })
    .nullable()
    .describe('Null for manifests'),
  createdAt: time,
  engineVersion: z.string(),
  incomplete: z.array(z.strictObject({ kind: z.string(), reason: z.string() })).describe('Kinds that were not read'),
  overall: score,
  namespaces: z.array(score),
  frameworks: z.array(score.extend({ controls: z.array(control) })),
  checks: z.array(check),
  findings: z.array(finding).describe('The worst first'),
  resolved: count.describe('Findings that only the report before had'),
  digest: z
    .strictObject({ algorithm: z.literal('sha256'), value: z.string().regex(/^[0-9a-f]{64}$/) })
    .describe('Over all of it but this field, as canonical JSON'),
});
/** Does not compile when a report has a field that the schema has not. */
const fields: Readonly<Record<keyof ReportModel | 'digest', z.ZodType>> = document.shape;

describe('a report as JSON', () => {
  it('has the reviewed schema', async () => {
    const schema = z.toJSONSchema(document);
    await expectReviewedCopy('../../docs/report.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
  });

  it('is valid by it, whole and cut to each framework, and is not with a field more or less', async () => {
    const ajv = new Ajv2020();
    formats.default(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(join(ROOT, 'docs/report.schema.json'), 'utf8')) as object);
    const dir = join(ROOT, 'apps', 'standalone', 'sample', 'shop-calico');
    const { facts } = manifestFacts(await readManifests({ dir }));
    const run = runChecks(compileSnapshot(facts), await loadChecks());
    const whole = reportOfRun(run, { cluster: 'shop', createdAt: new Date(0), namespaces: ['shop'] });
    const [first, ...rest] = whole.findings;
    const suppression = { owner: 'ann', reason: 'lab', expiresAt: new Date(0).toISOString() };
    const snapshot = { seq: 2, takenAt: new Date(0).toISOString() };
    const accepted = {
      ...whole,
      snapshot,
      findings: [{ ...first!, suppression, firstSeenAt: snapshot.takenAt }, ...rest],
    };
    const cut = whole.frameworks.map(({ name }) => forFramework(whole, name)!);
    expect(cut.length).toBeGreaterThan(4);
    for (const model of [whole, accepted, ...cut]) {
      const told = JSON.parse(Buffer.from(await renderReport(model, 'json')).toString('utf8')) as Record<
        string,
        unknown
      >;
      validate(told);
      expect(validate.errors ?? []).toEqual([]);
      expect(Object.keys(told).sort()).toEqual(Object.keys(fields).sort());
      expect(validate({ ...told, more: 1 })).toBe(false);
      expect(validate({ ...told, digest: undefined })).toBe(false);
    }
  });
});
