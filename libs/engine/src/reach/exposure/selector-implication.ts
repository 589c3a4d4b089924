import type { Labels, LabelOwner, Selector } from '../../model/index.js';
import { compileSelector, YES } from '../../compile/match-selector.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';

/** Labels of the namespaces that exist; a name that is not a key is a namespace that nobody has made yet. */
export type KnownNamespaces = (name: string) => Labels | null;

type LabelTest = Extract<Selector, { type: 'label' }>;

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** What is known of a pod that need not exist: the tests that chose it, all of which hold. */
interface Premise {
  readonly tests: readonly Selector[];
  /** The only namespaces it may be in, null for any. */
  readonly namespaces: ReadonlySet<string> | null;
  readonly known: KnownNamespaces;
}

/**
 * Whether every pod that `premise` chooses, existing or not, is chosen by `conclusion`. Certain when true; where the
 * form of a selector is beyond the rules here the answer is false.
 */
export function impliesForPods(premise: Selector, conclusion: Selector, known: KnownNamespaces): boolean {
  return impliedForPods(premise, known)(conclusion);
}

/** The same for many conclusions of one premise. */
export function impliedForPods(premise: Selector, known: KnownNamespaces): (conclusion: Selector) => boolean {
  const tests = conjuncts(premise);
  const names = possibleNames(tests);
  const namespaces = names === null ? null : new Set(names);
  return (conclusion) => implied({ tests, namespaces, known }, conclusion);
}

/** A conclusion that asks for nothing which is easily looked up is filed here. */
const ANYWHERE = '';

/** Words to file a conclusion under: whatever implies it looks one of them up. */
export function implicationWords(conclusion: Selector): readonly string[] {
  const tests = conjuncts(conclusion);
  const label = tests.find(isPodLabelList);
  if (label !== undefined) return label.values.map((value) => labelWord(label.key, value));
  const names = tests.map(namesOf).find((listed) => listed !== null);
  return names?.map(namespaceWord) ?? [ANYWHERE];
}

/** The words under which everything that a premise implies is filed; null when no pod meets it, which implies anything. */
export function implicationLookups(premise: Selector): readonly string[] | null {
  const tests = conjuncts(premise);
  const words = [ANYWHERE];
  const names = possibleNames(tests);
  if (names !== null) {
    if (names[0] === undefined) return null;
    words.push(namespaceWord(names[0]));
  }
  for (const key of new Set(tests.filter(isPodLabelList).map((test) => test.key))) {
    const value = possibleValues(labelTests(tests, 'pod', key))?.[0];
    if (value === undefined) return null;
    words.push(labelWord(key, value));
  }
  return words;
}

const labelWord = (key: string, value: string): string => `label ${key}=${value}`;
const namespaceWord = (name: string): string => `namespace ${name}`;

function isPodLabelList(test: Selector): test is LabelTest {
  return test.type === 'label' && test.owner === 'pod' && test.op === 'in';
}

function conjuncts(selector: Selector): readonly Selector[] {
  return selector.type === 'and' ? selector.of.flatMap(conjuncts) : [selector];
}

/** A namespace by its name, also when it is written as a test of the label that every namespace has. */
function namesOf(test: Selector): readonly string[] | null {
  if (test.type === 'namespace') return test.names;
  if (test.type === 'label' && test.owner === 'namespace' && test.key === NAME_LABEL && test.op === 'in')
    return test.values;
  return null;
}

/** The only namespaces that tests leave, null for any. */
function possibleNames(tests: readonly Selector[]): readonly string[] | null {
  const listed = tests.map(namesOf).filter((names) => names !== null);
  return listed.length === 0 ? null : listed.reduce((a, b) => a.filter((name) => b.includes(name)));
}

function implied(premise: Premise, conclusion: Selector): boolean {
  const names = namesOf(conclusion);
  if (names !== null && premise.namespaces !== null)
    return [...premise.namespaces].every((name) => names.includes(name));
  switch (conclusion.type) {
    case 'all':
      return true;
    case 'and':
      return conclusion.of.every((member) => implied(premise, member));
    case 'or':
      return conclusion.of.some((member) => implied(premise, member)) || isAmong(premise.tests, conclusion);
    case 'kind':
      return conclusion.kinds.includes('pod');
    case 'label':
      return labelImplied(premise, conclusion);
    default:
      return isAmong(premise.tests, conclusion);
  }
}

function isAmong(tests: readonly Selector[], conclusion: Selector): boolean {
  return tests.some((test) => JSON.stringify(test) === JSON.stringify(conclusion));
}

function labelImplied(premise: Premise, conclusion: LabelTest): boolean {
  if (conclusion.owner === 'namespace' && premise.namespaces !== null && premise.namespaces.size > 0) {
    const labels = [...premise.namespaces].map((name) => premise.known(name) ?? { [NAME_LABEL]: name });
    const matcher = compileSelector(conclusion);
    if (
      labels.every((namespaceLabels) => {
        const endpoint = { ...BLANK_ENDPOINT, namespaceLabels };
        return matcher(endpoint, endpoint) === YES;
      })
    )
      return true;
  }
  return valueImplied(labelTests(premise.tests, conclusion.owner, conclusion.key), conclusion);
}

function labelTests(tests: readonly Selector[], owner: LabelOwner, key: string): readonly LabelTest[] {
  return tests.filter((test) => test.type === 'label' && test.owner === owner && test.key === key) as LabelTest[];
}

/** The only values that tests of one label leave it, null for any or none. */
function possibleValues(tests: readonly LabelTest[]): readonly string[] | null {
  const listed = tests.filter((test) => test.op === 'in').map((test) => test.values);
  if (listed.length === 0) return null;
  const excluded = new Set(tests.flatMap((test) => (test.op === 'notIn' ? test.values : [])));
  return listed.reduce((a, b) => a.filter((value) => b.includes(value))).filter((value) => !excluded.has(value));
}

/** What tests of one label together say of its value, and whether that settles another test of it. */
function valueImplied(tests: readonly LabelTest[], conclusion: LabelTest): boolean {
  const absent = tests.some((test) => test.op === 'notExists');
  const excluded = new Set(tests.flatMap((test) => (test.op === 'notIn' ? test.values : [])));
  const possible = possibleValues(tests);
  const present = possible !== null || tests.some((test) => test.op === 'exists' || isTextTest(test));
  switch (conclusion.op) {
    case 'in':
      return possible?.every((value) => conclusion.values.includes(value)) ?? false;
    case 'notIn':
      if (absent) return true;
      if (possible !== null) return possible.every((value) => !conclusion.values.includes(value));
      return conclusion.values.every((value) => excluded.has(value));
    case 'exists':
      return present;
    case 'notExists':
      return absent;
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return tests.some((test) => test.op === conclusion.op && test.values[0] === conclusion.values[0]);
  }
}

function isTextTest({ op }: { readonly op: LabelTest['op'] }): boolean {
  return op === 'contains' || op === 'startsWith' || op === 'endsWith';
}

/** True when a selector looks at labels or namespaces only, so that pods that do not exist yet can be chosen by it. */
export function choosesPods(selector: Selector): boolean {
  const owners: readonly LabelOwner[] = ['pod', 'namespace', 'serviceAccount'];
  return conjuncts(selector).every((test) => {
    if (test.type === 'kind') return test.kinds.includes('pod');
    if (test.type === 'label') return owners.includes(test.owner);
    return ['all', 'namespace', 'serviceAccount', 'or', 'not'].includes(test.type);
  });
}

/**
 * A selector in a form in which equal choices of pods look equal: tests sorted, tests of the kind left out, a
 * namespace's name label written as its name.
 */
export function canonicalPodSelector(selector: Selector): string {
  const parts = conjuncts(selector)
    .filter((test) => test.type !== 'kind' && test.type !== 'all')
    .map((test) => {
      const names = namesOf(test);
      if (names !== null) return JSON.stringify(['namespace', [...names].sort()]);
      if (test.type === 'label') return JSON.stringify([test.owner, test.key, test.op, [...test.values].sort()]);
      return JSON.stringify(test);
    });
  return [...new Set(parts)].sort().join(' ');
}
