import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { FRAMEWORKS } from './model/compliance.js';
import { CheckDefinitionError, defineCheck, type Check } from './define-check.js';
import { checkOfFile, loadChecks, orderChecks } from './load-checks.js';

const NUMBERS_OF: Readonly<Record<Check['area'], string>> = {
  coverage: 'COV',
  correctness: 'COR',
  exposure: 'EXP',
  dependencies: 'DEP',
  enforcement: 'ENF',
  bypass: 'BYP',
  hygiene: 'HYG',
  mesh: 'MSH',
};

/** The core set that needs nothing but objects and the engine; conntrack needs metrics. */
const CORE = [
  'cni-does-not-enforce',
  'default-deny-egress-missing',
  'default-deny-ingress-missing',
  'dns-egress-missing',
  'empty-podselector-scope',
  'ephemeral-debug-containers',
  'host-network-bypass',
  'ipblock-cloud-ranges',
  'istio-sidecar-ports',
  'missing-policy-types',
  'overlapping-policies',
  'selector-and-or-confusion',
  'unexpected-internet-egress',
];

/** The field's named mistakes, each with the checks that find it. */
const ANTI_PATTERNS: Readonly<Record<string, readonly string[]>> = {
  'egress denied without a rule for DNS': ['dns-egress-missing', 'direction-listed-without-rules'],
  'no policy taken for a denial': [
    'namespace-without-policy',
    'default-deny-ingress-missing',
    'default-deny-egress-missing',
    'workload-not-isolated',
  ],
  'either selector where both were meant': ['selector-and-or-confusion'],
  'policy types left out': ['missing-policy-types', 'rules-not-in-policy-types'],
  'blocks of addresses for cloud services': ['ipblock-cloud-ranges'],
  'debugging and ephemeral containers left behind': ['ephemeral-debug-containers'],
  'no scope by namespace in a shared cluster': ['cross-namespace-wide-open', 'default-namespace-in-use'],
  'pods on the host network': ['host-network-bypass'],
  'namespaces selected by a label that nothing sets': ['namespace-label-absent'],
};

/** The field's best practices, each with the checks that tell where it is not kept. */
const BEST_PRACTICES: Readonly<Record<string, readonly string[]>> = {
  'default deny everywhere': [
    'default-deny-ingress-missing',
    'default-deny-egress-missing',
    'namespace-without-policy',
  ],
  'DNS first': ['dns-egress-missing', 'node-local-dns-not-allowed', 'dns-servers-isolated'],
  'namespaces by the label that every one has': ['namespace-label-absent'],
  'both selectors in one peer where both are meant': ['selector-and-or-confusion', 'selector-and-too-narrow'],
  'names instead of addresses where they fit': [
    'address-where-a-name-fits',
    'ipblock-cloud-ranges',
    'ipblock-inside-cluster-ranges',
  ],
  'the ports that are needed': ['all-ports-to-peer', 'service-port-not-pod-port'],
  'policies are tested': ['no-policy-tests'],
  'traffic is watched': ['model-and-traffic-disagree', 'unused-allow'],
  'who and why, and looked at again': ['no-owner-or-justification', 'review-overdue'],
  'what runs is what was declared and approved': ['drift-from-declared', 'label-or-policy-writers'],
  'what is needed stays open': [
    'declared-dependency-blocked',
    'apiserver-egress-missing',
    'admission-or-apiservice-blocked',
  ],
  'zones that are kept apart': ['zone-violation'],
};

const LAST_NUMBERS = { COV: 7, COR: 19, EXP: 12, DEP: 8, ENF: 7, BYP: 8, HYG: 9, MSH: 5 } as const;

describe('every check', () => {
  let checks: readonly Check[] = [];
  beforeAll(async () => {
    checks = await loadChecks();
  });

  it('is found by being in the folder, without a gap in the numbers of any area', () => {
    const found = checks.map((check) => check.number);
    expect(found).toEqual(found.toSorted());
    const numbers = Object.entries(LAST_NUMBERS).flatMap(([area, last]) =>
      Array.from({ length: last }, (_, index) => `${area}-${String(index + 1).padStart(2, '0')}`),
    );
    expect(found).toEqual(numbers.toSorted());
  });

  it('of the core set is there', () => {
    expect(
      checks
        .filter((check) => check.core)
        .map((check) => check.id)
        .sort(),
    ).toEqual(CORE);
  });

  it.each(Object.entries(ANTI_PATTERNS))('there is one for: %s', (_, ids) => {
    expect(ids.filter((id) => !checks.some((check) => check.id === id))).toEqual([]);
  });

  it.each(Object.entries({ ...ANTI_PATTERNS, ...BEST_PRACTICES }))('offers a fix for: %s', (_, ids) => {
    for (const id of ids) {
      expect({ id, known: checks.some((check) => check.id === id) }).toEqual({ id, known: true });
      const source = readFileSync(join(import.meta.dirname, 'audits', `${id}.check.ts`), 'utf8');
      expect({ id, offers: /\bfix[:,(]|openRules|openByDefault/.test(source) }).toEqual({ id, offers: true });
    }
  });

  it('is told in the documentation for each mistake and each practice of the field', () => {
    const told = readFileSync(join(import.meta.dirname, '../../../docs/audits.md'), 'utf8');
    const rows = Object.entries({ ...ANTI_PATTERNS, ...BEST_PRACTICES }).map(
      ([what, ids]) => `| ${what} | ${ids.map((id) => `\`${id}\``).join(', ')} |`,
    );
    const squeezed = told.replaceAll(/ +/g, ' ');
    expect(rows.filter((row) => !squeezed.includes(row))).toEqual([]);
  });

  it('has the number of its area, is frozen, and maps to known controls', () => {
    const keys = new Set<string>(Object.values(FRAMEWORKS).flat());
    for (const check of checks) {
      expect(check.number.slice(0, 3)).toBe(NUMBERS_OF[check.area]);
      expect(Object.isFrozen(check)).toBe(true);
      expect(check.compliance.filter((key) => !keys.has(key))).toEqual([]);
    }
  });

  it('has a spec with a clean, a flagged and an undetermined case', () => {
    for (const { id } of checks) {
      const spec = join(import.meta.dirname, 'audits', `${id}.check.spec.ts`);
      expect({ id, exists: existsSync(spec) }).toEqual({ id, exists: true });
      // `testCheck` takes nothing less than one case of each.
      expect(readFileSync(spec, 'utf8')).toMatch(
        new RegExp(`testCheck\\(check, \\{[^]*clean: \\[[^]*flagged: \\[[^]*undetermined: \\[`),
      );
      expect(readFileSync(spec, 'utf8')).toContain(`from './${id}.check.js'`);
    }
  });

  it('leaves nothing to be written later', () => {
    for (const check of checks) expect(`${check.description} ${check.remediation}`).not.toMatch(/\b(TODO|TBD|FIXME)\b/);
  });
});

describe('a check that is not fit', () => {
  const good: Check = {
    id: 'some-check',
    number: 'COV-99',
    area: 'coverage',
    core: false,
    title: 'something is wrong here',
    description: 'Finds something that is wrong, and tells how it decides so.',
    remediation: 'Do something about it, and then look at it again.',
    severity: 'low',
    confidence: 'certain',
    scope: 'cluster',
    reads: 'compiled',
    needs: ['Pod'],
    compliance: ['CM-6'],
    references: ['https://kubernetes.io/docs/'],
    run: () => ({ outcome: 'pass' }),
  };

  it.each([
    ['an id that no file can have', { id: 'Some_Check' }, /id must be/],
    ['a number in another form', { number: '7' }, /number must/],
    ['a title that is a sentence', { title: 'Something is wrong.' }, /title must/],
    ['a description that stops short', { description: 'Finds something' }, /description must/],
    [
      'a remediation without a full stop',
      { remediation: 'Do something about it and then look at it again' },
      /remediation must/,
    ],
    ['a reference that is not https', { references: ['http://kubernetes.io/'] }, /https address/],
    ['no reference', { references: [] }, /name a reference/],
    ['a control twice', { compliance: ['CM-6', 'CM-6'] }, /twice/],
    ['nothing that it needs', { needs: [] }, /kinds that it needs/],
  ] as const)('is refused for %s', (_, change, problem) => {
    const check = { ...good, ...change } as Check;
    expect(() => defineCheck(check)).toThrow(CheckDefinitionError);
    expect(() => defineCheck(check)).toThrow(problem);
  });

  it('is taken as it is otherwise', () => {
    expect(defineCheck(good)).toEqual(good);
  });

  it('stops the loading when its file has another name or no check', () => {
    expect(() => checkOfFile('other-check', good)).toThrow(
      '`other-check.check` exports the check `some-check`: rename one',
    );
    expect(() => checkOfFile('some-check', undefined)).toThrow('must export a `check`');
  });

  it('stops the loading when another one has its id or number', () => {
    expect(() => orderChecks([good, { ...good, number: 'COV-98' }])).toThrow('two checks have the id `some-check`');
    expect(() => orderChecks([good, { ...good, id: 'other' }])).toThrow('two checks have the number `COV-99`');
  });
});
