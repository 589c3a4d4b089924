import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { validateXML } from 'xmllint-wasm';
import { fillPattern, loadChecks, runChecks } from '#checks';
import type { ReportFormat } from '#contracts';
import { compileSnapshot, type CompiledSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';
import { renderReport, reportOfRun, type ReportModel } from '#reports';
import { findControlPlane, startControlPlane, type ControlPlane } from '../support/control-plane/control-plane.js';
import { missingSchemas, schemaFiles, type SchemaName } from '../support/control-plane/layout.mjs';

const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample', 'shop-calico');
const START_MS = 150_000;
const missing = [...findControlPlane().missing, ...missingSchemas()];
const schemaText = (name: SchemaName): string => readFileSync(schemaFiles(name)[0]!, 'utf8');

(missing.length === 0 ? describe : describe.skip)('by the schemas that others publish', () => {
  let snapshot: CompiledSnapshot;
  let model: ReportModel;
  let plane: ControlPlane;

  beforeAll(async () => {
    const { facts } = manifestFacts(await readManifests({ dir: SAMPLE }));
    snapshot = compileSnapshot(facts);
    const run = runChecks(snapshot, await loadChecks());
    const plain = reportOfRun(run, {
      cluster: 'shop',
      createdAt: new Date('2026-11-26T12:00:00Z'),
      namespaces: ['shop'],
    });
    const [first, second, ...rest] = plain.findings;
    // Text that tries to leave its place, and a finding that somebody accepted.
    const nasty = { ...first!, title: '=1 <b>"x"</b> ]]> & \u0007 \n#', isNew: true };
    const suppression = { owner: 'ann', reason: 'lab <b>', expiresAt: '2027-01-01T00:00:00.000Z' };
    model = { ...plain, findings: [nasty, { ...second!, suppression }, ...rest] };

    plane = await startControlPlane();
    await plane.applyDefinitions(
      (['OpenReports', 'Kyverno', 'Gatekeeper'] as const).flatMap((name) => schemaFiles(name)),
    );
  }, START_MS);
  afterAll(() => plane.stop());

  const report = async (format: ReportFormat, of: ReportModel = model): Promise<string> =>
    Buffer.from(await renderReport(of, format)).toString('utf8');

  it('OSCAL assessment results are valid, with findings and without', async () => {
    const ajv = new Ajv({ strict: false });
    formats.default(ajv);
    const validate = ajv.compile(JSON.parse(schemaText('OSCAL 1.1.3')) as object);
    const clean = { ...model, findings: [], frameworks: [] };
    for (const one of [model, clean]) {
      validate(JSON.parse(await report('oscal', one)));
      expect(validate.errors ?? []).toEqual([]);
    }
    expect(validate({ 'assessment-results': {} })).toBe(false);
  });

  it('JUnit XML is valid', async () => {
    const schema = schemaText('JUnit');
    const errors = async (xml: string): Promise<readonly string[]> =>
      (await validateXML({ xml, schema })).errors.map(({ message }) => message);
    expect(await errors(await report('junit'))).toEqual([]);
    expect(await errors('<testsuites><case/></testsuites>')).not.toEqual([]);
  });

  /** What a real API server says of objects when it would store them. */
  const dryRun = (input: string): Promise<string> =>
    plane.kubectl(['create', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', '-'], { input });

  it('a ClusterReport is taken by an API server', async () => {
    const text = await report('policyreport');
    expect(await dryRun(text)).toBe('clusterreport.openreports.io/netpol-atlas-audit\n');
    await expect(dryRun(text.replace('result: fail', 'result: bad'))).rejects.toThrow(/Unsupported value: "bad"/);
  });

  it.each([
    ['kyverno', ['clusterpolicy.kyverno.io/default-deny-shop']],
    ['kyverno-generating', ['generatingpolicy.policies.kyverno.io/default-deny-shop']],
    [
      'gatekeeper',
      ['syncset.syncset.gatekeeper.sh/network-policies', 'constrainttemplate.templates.gatekeeper.sh/k8sdefaultdeny'],
    ],
  ] as const)('a bundle for %s is taken by an API server', async (as, names) => {
    const { manifest } = fillPattern(snapshot, 'default-deny', 'shop', { as }) as { readonly manifest: string };
    // Gatekeeper makes the kind of a constraint from its template; the definitions here do not have it.
    const documents = manifest.split(/^---$/m).filter((text) => !text.includes('kind: K8sDefaultDeny\nmetadata'));
    expect((await dryRun(documents.join('---'))).trim().split('\n')).toEqual(names);
  });
});
