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
  const listed = tests.map(namesOf).filter((names) => names !== null);
  const namespaces =
    listed.length === 0 ? null : new Set(listed.reduce((a, b) => a.filter((name) => b.includes(name))));
  return (conclusion) => implied({ tests, namespaces, known }, conclusion);
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
      return conclusion.of.some((member) => implied(premise, member));
    case 'kind':
      return conclusion.kinds.includes('pod');
    case 'label':
      return labelImplied(premise, conclusion);
    default:
      return premise.tests.some((test) => JSON.stringify(test) === JSON.stringify(conclusion));
  }
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
  const same = premise.tests.filter(
    (test): test is LabelTest =>
      test.type === 'label' && test.owner === conclusion.owner && test.key === conclusion.key,
  );
  return valueImplied(same, conclusion);
}

/** What tests of one label together say of its value, and whether that settles another test of it. */
function valueImplied(tests: readonly LabelTest[], conclusion: LabelTest): boolean {
  const absent = tests.some((test) => test.op === 'notExists');
  const excluded = new Set(tests.flatMap((test) => (test.op === 'notIn' ? test.values : [])));
  const inLists = tests.filter((test) => test.op === 'in').map((test) => test.values);
  const possible =
    inLists.length === 0
      ? null
      : inLists.reduce((a, b) => a.filter((value) => b.includes(value))).filter((value) => !excluded.has(value));
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
