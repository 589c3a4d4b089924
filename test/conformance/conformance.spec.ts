import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { CASE_KINDS } from './runner/case.js';
import { KNOWN_DIFFERENCES } from './runner/known-differences.js';
import { loadCases } from './runner/load-cases.js';
import { unsupportedKinds } from './runner/policy-kinds.js';
import { failureLines, summaryLine } from './runner/report.js';
import { runCase, type CaseResult } from './runner/run-case.js';

const SCENARIOS = join(import.meta.dirname, 'scenarios');
/** Corpora of other projects, beside the checkout where they have been put there. */
const CORPORA = join(import.meta.dirname, '..', '..', '..', 'shared', 'conformance');

async function run(folder: string): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  // Kinds that are not evaluated yet are left to the command, whose table says so.
  const cases = (await loadCases(folder)).filter(({ expected }) => unsupportedKinds(expected.policyKinds).length === 0);
  for (const one of cases) results.push(await runCase(one));
  return results;
}

function expectNoFailure(title: string, results: readonly CaseResult[]): void {
  process.stdout.write(`${title}: ${summaryLine(results)}\n`);
  expect(failureLines(results, false)).toEqual([]);
  expect(results.some((result) => result.status === 'passed')).toBe(true);
}

describe('conformance', () => {
  it('holds for our own scenarios', async () => {
    expectNoFailure('scenarios', await run(SCENARIOS));
  }, 60_000);

  (existsSync(CORPORA) ? it : it.skip)(
    `holds for the corpora of other projects in ${CORPORA}`,
    async () => {
      expectNoFailure('corpora', await run(CORPORA));
    },
    300_000,
  );

  it('gives a reason and a source for every known difference', () => {
    for (const known of KNOWN_DIFFERENCES) {
      expect(known.reason.length).toBeGreaterThan(20);
      expect(known.problems.length).toBeGreaterThan(0);
    }
    expect(new Set(KNOWN_DIFFERENCES.map((known) => `${known.corpus}/${known.case}`)).size).toBe(
      KNOWN_DIFFERENCES.length,
    );
  });

  it('knows every kind of case', async () => {
    const kinds = new Set((await loadCases(SCENARIOS)).map(({ expected }) => expected.kind));
    for (const kind of kinds) expect(CASE_KINDS).toContain(kind);
  });
});
