import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { LabelOwner, Selector } from '../../model/index.js';
import type { CalicoContext, ProfileLabel } from './calico.context.js';
import type { CalicoSelector, TestOperator } from './selector.ast.js';
import {
  NAMESPACE_LABEL,
  NAMESPACE_PREFIX,
  ORCHESTRATOR_LABEL,
  SERVICE_ACCOUNT_LABEL,
  SERVICE_ACCOUNT_PREFIX,
} from './selector.scope.js';
import { holds } from './selector.static.js';
import { workloadNames } from './workload-names.js';

const ORCHESTRATOR = 'k8s';
const NAME_KEY = 'projectcalico.org/name';
/** Service accounts with longer names have no label of their name. */
const ACCOUNT_NAME_LIMIT = 63;
const METADATA_NAME = 'kubernetes.io/metadata.name';

/** A test of one label, `exists` included. */
interface LabelTest {
  readonly key: string;
  readonly op: TestOperator | 'exists';
  readonly values: readonly string[];
}

/** The pods that an expression selects; combine with the kinds of endpoint that count as pods. (CAL-21, CAL-22) */
export function podTest(selector: CalicoSelector, context: CalicoContext): Selector {
  switch (selector.type) {
    case 'all':
      return ALL;
    case 'global':
      return NONE;
    case 'has':
      return labelTest({ key: selector.key, op: 'exists', values: [] }, context);
    case 'test':
      return labelTest(selector, context);
    case 'not':
      return not(podTest(selector.of, context));
    case 'and':
      return and(...selector.of.map((member) => podTest(member, context)));
    case 'or':
      return or(...selector.of.map((member) => podTest(member, context)));
  }
}

/** A label of the pod itself hides one that it inherits. */
function labelTest(test: LabelTest, context: CalicoContext): Selector {
  const derived = derivedTest(test, context);
  if (derived !== null) return derived;
  const inherited = inheritedTest(test, context);
  const own = ownerTest('pod', test.key, test);
  if (inherited === null) return own;
  if (!workloadNames(context.env).labelKeys.has(test.key)) return inherited;
  const has: Selector = { type: 'label', owner: 'pod', key: test.key, op: 'exists', values: [] };
  return or(and(has, own), and(not(has), inherited));
}

/** Labels that Calico puts on every workload itself; null for others. */
function derivedTest(test: LabelTest, context: CalicoContext): Selector | null {
  switch (test.key) {
    case ORCHESTRATOR_LABEL:
      return holds(test.op, test.values, ORCHESTRATOR) ? ALL : NONE;
    case NAMESPACE_LABEL:
      return namespaceName(test);
    case SERVICE_ACCOUNT_LABEL:
      return serviceAccountName(test, context);
    default:
      return null;
  }
}

/** Labels from the namespace, the service account and Profile objects; null when no source can have the key. */
function inheritedTest(test: LabelTest, context: CalicoContext): Selector | null {
  const fromProfiles = profileTest(test, context.profileLabels.get(test.key) ?? []);
  const fromKubernetes = kubernetesTest(test, context);
  if (fromKubernetes === null || fromProfiles === null) return fromKubernetes ?? fromProfiles;
  const { has, matches } = fromProfilesParts(test, context);
  return or(and(has, matches), and(not(has), fromKubernetes));
}

function kubernetesTest(test: LabelTest, context: CalicoContext): Selector | null {
  if (test.key.startsWith(NAMESPACE_PREFIX)) {
    const key = test.key.slice(NAMESPACE_PREFIX.length);
    return key === NAME_KEY || key === METADATA_NAME ? namespaceName(test) : ownerTest('namespace', key, test);
  }
  if (!test.key.startsWith(SERVICE_ACCOUNT_PREFIX)) return null;
  const key = test.key.slice(SERVICE_ACCOUNT_PREFIX.length);
  return key === NAME_KEY ? serviceAccountName(test, context) : ownerTest('serviceAccount', key, test);
}

function ownerTest(owner: LabelOwner, key: string, { op, values }: LabelTest): Selector {
  if (op === 'in' && values.length === 0) return NONE;
  if (op === 'notIn' && values.length === 0) return ALL;
  return { type: 'label', owner, key, op, values };
}

/** Every pod has a namespace. */
function namespaceName(test: LabelTest): Selector {
  switch (test.op) {
    case 'exists':
      return ALL;
    case 'in':
      return test.values.length === 0 ? NONE : { type: 'namespace', names: test.values };
    case 'notIn':
      return test.values.length === 0 ? ALL : not({ type: 'namespace', names: test.values });
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return ownerTest('namespace', METADATA_NAME, test);
  }
}

/** Tests of parts of a name are answered from the service accounts that the snapshot's pods have. */
function serviceAccountName(test: LabelTest, context: CalicoContext): Selector {
  const labelled = (name: string): boolean => name.length < ACCOUNT_NAME_LIMIT;
  const listed = (names: readonly string[]): Selector => {
    const wanted = names.filter(labelled);
    return wanted.length === 0 ? NONE : { type: 'serviceAccount', names: wanted };
  };
  switch (test.op) {
    case 'in':
      return listed(test.values);
    case 'notIn':
      return not(listed(test.values));
    case 'exists':
      return not({
        type: 'serviceAccount',
        names: ['', ...workloadNames(context.env).serviceAccounts.filter((name) => !labelled(name))],
      });
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return listed(workloadNames(context.env).serviceAccounts.filter((name) => holds(test.op, test.values, name)));
  }
}

/** The same test where only Profile objects can have the key; null when none has it. */
function profileTest(test: LabelTest, labels: readonly ProfileLabel[]): Selector | null {
  if (labels.length === 0) return null;
  const matching = or(...labels.filter(({ value }) => holds(test.op, test.values, value)).map(memberOf));
  if (!holds(test.op, test.values, undefined)) return matching;
  return or(matching, not(or(...labels.map(memberOf))));
}

function fromProfilesParts(
  test: LabelTest,
  context: CalicoContext,
): { readonly has: Selector; readonly matches: Selector } {
  const labels = context.profileLabels.get(test.key) ?? [];
  return {
    has: or(...labels.map(memberOf)),
    matches: or(...labels.filter(({ value }) => holds(test.op, test.values, value)).map(memberOf)),
  };
}

function memberOf({ namespace, serviceAccount }: ProfileLabel): Selector {
  const inside: Selector = { type: 'namespace', names: [namespace] };
  return serviceAccount === '' ? inside : and(inside, { type: 'serviceAccount', names: [serviceAccount] });
}
