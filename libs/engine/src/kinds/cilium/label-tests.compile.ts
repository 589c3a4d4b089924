import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { EndpointKind, LabelOwner, Labels, Selector } from '../../model/index.js';
import { CLUSTER_KEY, NAMESPACE_KEY, NAMESPACE_LABELS, nodesHaveLabels, podLabelTest } from '../shared/index.js';
import { compileEntity } from './entities.compile.js';
import type { CiliumContext } from './cilium.context.js';
import type { LabelTest, LabelTests } from './cilium.raw.js';

function labelTest(test: LabelTest, owner: LabelOwner, key: string): Selector {
  return { type: 'label', owner, key, op: test.op, values: test.values };
}

const NODES: Selector = { type: 'kind', kinds: ['node', 'hostpod'] };

const isPositive = (test: LabelTest): boolean => test.op === 'in' || test.op === 'exists';

/** Which endpoints besides the tests' own demands a selector is confined to. */
export type Scope =
  | { readonly type: 'namespace'; readonly name: string }
  | { readonly type: 'pods' }
  /** Whoever has the label of the cluster: pods, and nodes that have labels. */
  | { readonly type: 'cluster' }
  | { readonly type: 'open' };

/**
 * The scope of an element of `fromEndpoints` or `toEndpoints` (statements CNP-20 to CNP-25). `ignoreReserved` is set
 * for `fromRequires` and `toRequires`, which a `reserved:` key does not open.
 */
export function peerScope(tests: LabelTests, context: CiliumContext, ignoreReserved = false): Scope {
  if (!ignoreReserved && tests.some((test) => test.source === 'reserved')) return { type: 'open' };
  const plain = tests.filter((test) => test.source === 'any' || test.source === 'k8s');
  const named = (key: string): boolean => plain.some((test) => test.key === key);
  const anywhere: Scope = { type: context.options.localPeers && !named(CLUSTER_KEY) ? 'cluster' : 'open' };
  if (named(NAMESPACE_KEY)) return anywhere;
  if (context.namespace === '') return context.subjectIsInit ? anywhere : { type: 'pods' };
  if (plain.some((test) => test.key.startsWith(NAMESPACE_LABELS))) return anywhere;
  return { type: 'namespace', name: context.namespace };
}

/** Endpoints of any sort whose labels pass the tests, inside a scope. */
export function compileTests(
  tests: LabelTests,
  scope: Scope,
  podKinds: readonly EndpointKind[],
  context: CiliumContext,
): Selector {
  const pods: Selector = { type: 'kind', kinds: podKinds };
  const isOpen = scope.type === 'open' || (scope.type === 'cluster' && nodesHaveLabels(context.env.semantics));
  if (isOpen && !tests.some((test) => isPositive(test) && onPodsOnly(test, context))) {
    const within = scope.type === 'open' ? ALL : or(pods, NODES);
    return and(within, ...tests.map((test) => anywhere(test, pods, context)));
  }
  const inside: Selector = scope.type === 'namespace' ? { type: 'namespace', names: [scope.name] } : ALL;
  return and(pods, inside, ...tests.map((test) => podLabelTest(test, context.identities)));
}

/** Nodes that have labels have them of the source `node`, and the one of their cluster. */
function onPodsOnly({ source, key }: LabelTest, { env }: CiliumContext): boolean {
  if (source !== 'any' && source !== 'k8s') return false;
  return !nodesHaveLabels(env.semantics) || (source === 'k8s' && key !== CLUSTER_KEY);
}

/** One test over every endpoint: a label that an endpoint cannot carry is absent. */
function anywhere(test: LabelTest, pods: Selector, context: CiliumContext): Selector {
  const positive: LabelTest = isPositive(test) ? test : { ...test, op: test.op === 'notIn' ? 'in' : 'exists' };
  const holds = carriers(positive, pods, context);
  return isPositive(test) ? holds : not(holds);
}

/** Endpoints that have the label, with one of the values when it is an `in`. */
function carriers(test: LabelTest, pods: Selector, context: CiliumContext): Selector {
  switch (test.source) {
    case 'any':
    case 'k8s':
      return or(and(pods, podLabelTest(test, context.identities)), labelledNodes(test, context));
    case 'reserved':
      return test.op === 'exists' || test.values.includes('') ? reserved(test.key, context) : NONE;
    case 'node':
      return otherNodes(labelTest(test, 'node', test.key));
    case 'cidr':
    case 'cidrgroup':
    case 'fqdn':
      return and(
        { type: 'kind', kinds: ['external'] },
        { type: 'unknown', why: `labels of source \`${test.source}\` are made by the agent` },
      );
    default:
      return NONE;
  }
}

/** What has a reserved label: the entity of that name, but for those outside. (CNP-91) */
function reserved(key: string, context: CiliumContext): Selector {
  const { worldByFamily } = context.options;
  const isOfNobody = key === 'world' ? worldByFamily === true : key.startsWith('world-') && worldByFamily === false;
  return isOfNobody ? NONE : compileEntity(key, context);
}

/** Nodes that have a label of the cluster or, by a key of any source, one of their own. */
function labelledNodes(test: LabelTest, context: CiliumContext): Selector {
  if (onPodsOnly(test, context)) return NONE;
  return otherNodes(
    test.key === CLUSTER_KEY ? podLabelTest(test, context.identities) : labelTest(test, 'node', test.key),
  );
}

/** Nodes other than the subject's: only those carry node labels. */
export function otherNodes(...tests: readonly Selector[]): Selector {
  return and({ type: 'kind', kinds: ['node', 'hostpod'] }, not({ type: 'same', as: 'node' }), ...tests);
}

/** Node label tests, as of `nodeSelector`, `fromNodes` and `toNodes`. */
export function compileNodeTests(tests: LabelTests): Selector {
  return and(
    ...tests.map((test): Selector => {
      if (test.source === 'any' || test.source === 'k8s' || test.source === 'node') {
        return labelTest(test, 'node', test.key);
      }
      return isPositive(test) ? NONE : ALL;
    }),
  );
}

/** The tests on a plain set of labels, without regard to sources: those of Services and CiliumCIDRGroups. */
export function testsHold(tests: LabelTests, labels: Labels): boolean {
  return tests.every(({ key, op, values }) => {
    const value = labels[key];
    switch (op) {
      case 'in':
        return value !== undefined && values.includes(value);
      case 'notIn':
        return value === undefined || !values.includes(value);
      case 'exists':
        return value !== undefined;
      case 'notExists':
        return value === undefined;
    }
  });
}
