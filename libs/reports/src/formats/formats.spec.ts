import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { loadChecks, runChecks } from '#checks';
import { REPORT_FORMATS, type ReportFormat } from '#contracts';
import { compileSnapshot } from '#engine';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '#engine/testing';
import { digestOf } from '../digest.js';
import { forFramework, type ReportModel } from '../report-model.js';
import { renderAside } from '../render-aside.js';
import { reportOfRun } from '../report-of-run.js';
import { FORMATS, renderReport } from './index.js';
import { controlId } from './oscal.format.js';

/** A cluster with something wrong, and with names that try to leave every format. */
async function report(cluster = 'shop'): Promise<ReportModel> {
  const facts = factsOf(
    rawNamespace('shop'),
    rawPod('shop/web', { ip: '10.0.0.1', labels: { app: 'web' } }),
    rawPod('shop/api', { ip: '10.0.0.2', labels: { app: 'api' } }),
    rawNetworkPolicy('shop/all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }),
  );
  const run = runChecks(compileSnapshot(facts), await loadChecks());
  return reportOfRun(run, { cluster, createdAt: new Date('2026-11-26T12:00:00Z'), namespaces: ['shop'] });
}

const text = async (model: ReportModel, format: ReportFormat): Promise<string> =>
  Buffer.from(await renderReport(model, format)).toString('utf8');

describe('a report', () => {
  let model: ReportModel;
  let hostile: ReportModel;
  beforeAll(async () => {
    model = await report();
    const [first, ...rest] = model.findings;
    const nasty = { ...first!, title: '=1+1 <script>alert("x")</script> `|*[x](y) \u0007 & \n# h', isNew: true };
    const suppression = { owner: 'ann', reason: 'lab <b>', expiresAt: '2027-01-01T00:00:00.000Z' };
    hostile = { ...model, findings: [nasty, { ...rest[0]!, suppression }, ...rest.slice(1)] };
  });

  it.each([...REPORT_FORMATS])('as %s has equal bytes for equal input, and others for another', async (format) => {
    const [one, same] = [await renderReport(model, format), await renderReport(structuredClone(model), format)];
    expect(Buffer.compare(one, same)).toBe(0);
    expect(Buffer.compare(one, await renderReport({ ...model, cluster: 'other' }, format))).not.toBe(0);
    expect(FORMATS[format].mediaType).toMatch(/^(text|application)\//);
  });

  it('has the same bytes when a thread makes it, more than a slice of findings long', async () => {
    const findings = Array.from({ length: 250 }, (_, n) => ({ ...hostile.findings[n % 2]!, fingerprint: String(n) }));
    const long = { ...hostile, findings };
    const { digest, files } = await renderAside(long, REPORT_FORMATS);
    expect(digest).toBe(digestOf(long));
    for (const [at, format] of REPORT_FORMATS.entries()) {
      const bytes = await renderReport(long, format);
      expect(Buffer.compare(files[at]!.bytes, bytes)).toBe(0);
      expect(files[at]!.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });

  it('that a thread cannot make is an error, and the next one is made', async () => {
    await expect(renderAside(model, ['doc' as ReportFormat])).rejects.toThrow('the report could not be made');
    expect((await renderAside(model, ['csv'])).files).toHaveLength(1);
  });

  it('as SARIF is valid by its schema, with each check a rule and each finding a result', async () => {
    const path = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
    const schema = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    // The schema is of draft 4, whose `id` ajv does not take; what it says else means the same.
    const { id: _, $schema: __, ...plain } = schema;
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(plain);
    const sarif = JSON.parse(await text(hostile, 'sarif')) as {
      runs: { tool: { driver: { rules: unknown[] } }; results: { suppressions?: unknown; baselineState: string }[] }[];
    };
    validate(sarif);
    expect(validate.errors ?? []).toEqual([]);
    const [run] = sarif.runs;
    expect(run!.tool.driver.rules).toHaveLength(model.checks.length);
    expect(run!.results).toHaveLength(model.findings.length);
    expect(run!.results[0]!.baselineState).toBe('new');
    expect(run!.results.filter(({ suppressions }) => suppressions !== undefined)).toHaveLength(1);
    expect(validate({ version: '2.1.0' })).toBe(false);
  });

  it.each(['html', 'markdown'] as const)('as %s tells a change that settles several findings once', async (format) => {
    const fixes = model.findings.map(({ fix }) => `${fix?.title ?? ''}|${fix?.manifest ?? ''}`);
    const also = model.findings.filter((finding, at) => finding.fix !== null && fixes.indexOf(fixes[at]!) !== at);
    expect(also.length).toBeGreaterThan(0);
    const words = (await text(model, format)).replaceAll('\\', '');
    for (const { number, severity, title } of also) expect(words).toContain(`${number} ${severity}: ${title}`);
    for (const { fix } of also) expect(words.split(fix!.manifest.trimEnd()).length - 1).toBe(1);
  });

  it.each(['html', 'markdown'] as const)('as %s counts what a check finds again and again', async (format) => {
    const [first] = model.findings;
    const many = Array.from({ length: 40 }, (_, at) => ({ ...first!, fix: null, title: `pod-${String(at)}.` }));
    const words = (await text({ ...model, findings: many }, format)).replaceAll('\\', '');
    expect(words).toContain(`pod-4., and 35 more of ${first!.number}`);
    const tellings = (at: number): number => words.split(`pod-${String(at)}.`).length - 1;
    expect([tellings(0), tellings(4), tellings(5), tellings(39)]).toEqual([2, 2, 1, 1]);
  });

  it('as CSV has a line for each finding, and no cell that a spreadsheet runs', async () => {
    const csv = await text(hostile, 'csv');
    expect(csv).toContain(`"'=1+1 <script>`);
    expect(csv).not.toMatch(/(^|,)"?[=+@]/m);
  });

  it('as HTML lets no text become markup, and brings nothing from elsewhere', async () => {
    const html = await text(hostile, 'html');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/(src|href)=/);
    expect(html).toContain(digestOf(hostile));
    expect(html).toContain('aria-label="findings by weight');
  });

  it('as Markdown lets no text become markup', async () => {
    const markdown = await text(hostile, 'markdown');
    expect(markdown).toContain('=1+1 \\<script\\>alert("x")\\</script\\> \\`\\|\\*\\[x\\](y)');
    expect(markdown).toContain('accepted by ann until 2027-01-01');
  });

  it('as JUnit counts what fails and what could not be told', async () => {
    const xml = await text(hostile, 'junit');
    const [, tests, failures, skipped] =
      /tests="(\d+)" failures="(\d+)" errors="0" time="0" skipped="(\d+)"/.exec(xml) ?? [];
    expect(Number(tests)).toBe(model.checks.length);
    expect(xml.match(/<failure /g)).toHaveLength(Number(failures));
    expect(xml.match(/<skipped>/g)).toHaveLength(Number(skipped));

    expect(xml).not.toMatch(/[\u0000-\u0008]/);
  });

  it('as OSCAL tells a control with a gap as not satisfied, and none as satisfied', async () => {
    const oscal = JSON.parse(await text(model, 'oscal')) as {
      'assessment-results': {
        uuid: string;
        results: {
          findings: {
            target: { status: { state: string } };
            'related-observations': { 'observation-uuid': string }[];
          }[];
          observations: { uuid: string }[];
        }[];
      };
    };
    const { uuid, results } = oscal['assessment-results'];
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const [result] = results;
    expect(new Set(result!.findings.map(({ target }) => target.status.state))).toEqual(new Set(['not-satisfied']));
    const known = new Set(result!.observations.map((observation) => observation.uuid));
    expect(known.size).toBe(model.findings.length);
    for (const finding of result!.findings) {
      for (const { 'observation-uuid': id } of finding['related-observations']) expect(known).toContain(id);
    }
    expect([controlId('SC-7(5)'), controlId('190-4.4.2')]).toEqual(['sc-7.5', 'c-190-4.4.2']);
  });

  it('as OSCAL is not read once more for each finding', async () => {
    let reads = 0;
    const watched = Object.defineProperty({ ...model }, 'engineVersion', {
      enumerable: true,
      get: () => (reads++, model.engineVersion),
    });
    expect(await text(watched, 'oscal')).toBe(await text(model, 'oscal'));
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(model.findings.length);
  });

  it('as a ClusterReport adds up', async () => {
    const told = parse(await text(hostile, 'policyreport')) as {
      kind: string;
      summary: Record<string, number>;
      results: { result: string }[];
    };
    expect(told.kind).toBe('ClusterReport');
    for (const [result, count] of Object.entries(told.summary)) {
      expect(told.results.filter((one) => one.result === result)).toHaveLength(count);
    }
    expect(told.summary['fail']).toBe(model.findings.length - 1);
  });

  it('as PDF is tagged', async () => {
    const pdf = Buffer.from(await renderReport(model, 'pdf')).toString('latin1');
    expect(pdf.startsWith('%PDF-1.7')).toBe(true);
    expect(pdf).toContain('/StructTreeRoot');
    expect(pdf).toContain('/Marked true');
  });

  it('is cut down to a framework with its controls, checks and findings', () => {
    const cut = forFramework(model, 'CIS Kubernetes Benchmark');
    expect(cut?.checks.length).toBeGreaterThan(0);
    expect(cut?.checks.every(({ compliance }) => compliance.some((key) => key.startsWith('CIS-')))).toBe(true);
    expect(cut?.findings.length).toBeLessThan(model.findings.length);
    expect(forFramework(model, 'nope')).toBeNull();
  });
});
