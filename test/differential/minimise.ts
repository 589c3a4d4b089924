import { stringify } from 'yaml';

import { TwoAnswers, type Question } from './engine-answers.js';
import type { Conventions } from './oracle/index.js';
import type { Manifest } from './random-cluster.js';

/** A question on which engine and oracle differ, with the manifests that it takes. */
export interface Difference {
  readonly manifests: readonly Manifest[];
  readonly question: Question;
  readonly conventions: Conventions;
}

/** What both say, when they differ. A smaller input must differ in the same words, or it shows something else. */
function disagreement({ manifests, question, conventions }: Difference): string | null {
  try {
    const two = new TwoAnswers(manifests, conventions);
    const [engine, oracle] = [two.engine(question), two.oracle(question)];
    return engine === oracle ? null : `${engine} / ${oracle}`;
  } catch {
    return null;
  }
}

/** Leaves out every object, list element and field that the difference does not need. */
export function minimise(difference: Difference): Difference {
  const words = disagreement(difference);
  let current = difference;
  for (let changed = true; changed;) {
    changed = false;
    for (const manifests of smaller(current.manifests)) {
      const next = { ...current, manifests };
      if (disagreement(next) !== words) continue;
      current = next;
      changed = true;
      break;
    }
  }
  return current;
}

/** Every way to take one thing out. */
function* smaller(manifests: readonly Manifest[]): Generator<readonly Manifest[]> {
  for (const index of manifests.keys()) yield manifests.toSpliced(index, 1);
  for (const [index, manifest] of manifests.entries()) {
    for (const next of shrink(manifest)) yield manifests.with(index, next as Manifest);
  }
}

const KEPT = new Set(['apiVersion', 'kind', 'metadata', 'name', 'namespace', 'spec', 'status', 'podIP', 'podIPs']);

function* shrink(value: unknown): Generator {
  if (Array.isArray(value)) {
    for (const index of value.keys()) yield value.toSpliced(index, 1);
    for (const [index, element] of value.entries()) for (const next of shrink(element)) yield value.with(index, next);
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Record<string, unknown>;
    for (const key of Object.keys(object)) {
      if (!KEPT.has(key)) yield Object.fromEntries(Object.entries(object).filter(([other]) => other !== key));
      for (const next of shrink(object[key])) yield { ...object, [key]: next };
    }
  }
}

/** The difference as a scenario file, ready to be saved: the oracle's verdict is what is expected. */
export function asScenario(difference: Difference): string {
  const { manifests, question, conventions } = difference;
  const two = new TwoAnswers(manifests, conventions);
  const side = (place: Question['from']): string => ('pod' in place ? place.pod : place.address);
  const port = question.port === null ? question.protocol : `${question.protocol}/${question.port}`;
  const verdict = two.oracle(question).split(' ')[0]?.split(':')[1] ?? '';
  const table = [
    'from | to | port | verdict | because',
    `${side(question.from)} | ${side(question.to)} | ${port} | ${verdict} | found at random`,
  ].join('\n');
  const documents = [...manifests, { kind: 'Scenario', source: 'test/differential', table: `${table}\n` }];
  return [
    `# engine: ${two.engine(question)}, oracle: ${two.oracle(question)}, conventions: ${JSON.stringify(conventions)}`,
    ...documents.map((document) => `---\n${stringify(document)}`),
  ].join('\n');
}
