import { field, pointer } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import { ALL, and, NONE } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readLabelSelector } from '../shared/index.js';
import type { Dialect } from './dialect.js';
import { fieldsOf, readObject, warnUnknownFields } from './read-fields.js';

const NAMESPACE_SETS = ['sameLabels', 'notSameLabels', 'namespaceSelector'] as const;

/** Pods by namespace and pod labels. */
export interface ChosenPods {
  /** Over both sorts of labels. */
  readonly selector: Selector;
  /** The part about namespaces. */
  readonly namespaces: Selector;
}

const NO_PODS: ChosenPods = { selector: NONE, namespaces: NONE };

/** `namespaces` or `pods`. */
export function readPods(
  kind: 'namespaces' | 'pods',
  value: Json,
  at: string,
  dialect: Dialect,
  problems: ProblemList,
): ChosenPods {
  if (kind === 'namespaces') {
    const namespaces = readLabelSelector(value, 'namespace', at, problems);
    return { selector: namespaces, namespaces };
  }
  const pods = readObject(value, at, '`namespaceSelector` and `podSelector`', problems);
  if (pods === null) return NO_PODS;
  warnUnknownFields(pods, ['namespaceSelector', 'podSelector'], at, problems);
  const namespaces = part(pods, 'namespaceSelector', 'namespace', at, dialect.namespaceSelectorRequired, problems);
  return { selector: and(namespaces, part(pods, 'podSelector', 'pod', at, true, problems)), namespaces };
}

/**
 * A selector that is absent selects everything, as its zero value does in every implementation. Where the API requires
 * it that is worth a word: the API server would ask for `{}`.
 */
function part(
  pods: JsonObject,
  key: 'namespaceSelector' | 'podSelector',
  owner: 'namespace' | 'pod',
  at: string,
  required: boolean,
  problems: ProblemList,
): Selector {
  const value = field(pods, key);
  if (value !== undefined) return readLabelSelector(value, owner, pointer(at, key), problems);
  if (required) {
    const message = `\`${key}\` is missing and read as \`{}\`, which selects everything; write it out`;
    problems.suspect('adminpolicy.selector_missing', pointer(at, key), message);
  }
  return ALL;
}

/** The subject: exactly one of `namespaces` and `pods`. */
export function readSubject(value: Json | undefined, at: string, dialect: Dialect, problems: ProblemList): Selector {
  const subject = readObject(value, at, '`namespaces` or `pods`', problems);
  if (subject === null) return NONE;
  const fields = fieldsOf(subject);
  const kind = fields[0];
  if (fields.length !== 1 || (kind !== 'namespaces' && kind !== 'pods')) {
    const found = fields.length === 0 ? 'nothing' : fields.map((name) => `\`${name}\``).join(', ');
    problems.error('adminpolicy.subject', at, `expected exactly one of \`namespaces\` and \`pods\`, found ${found}`);
    return NONE;
  }
  return readPods(kind, subject[kind] as Json, pointer(at, kind), dialect, problems).selector;
}

/** The field of a namespace set, a form that v0.1.7 of the API took away; null when the value is none. */
export function removedNamespaceSet(kind: 'namespaces' | 'pods', value: Json): string | null {
  if (kind === 'pods') return field(value, 'namespaces') === undefined ? null : 'namespaces';
  return NAMESPACE_SETS.find((key) => field(value, key) !== undefined) ?? null;
}
