import type { Labels, PolicyEntry, Selector } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { namespaceLabels } from '../../compile/facts-index.js';
import { choosesPods } from '../exposure/selector-implication.js';

/** A value that no selector names. */
const OTHER = 'probe';

/**
 * Pods that need not exist: one for each selector of pods in the rules, with the labels that it asks for and no others,
 * in a namespace that it allows. Where tests contradict each other the pod is one that the selector does not choose.
 */
export function probePods(rules: readonly PolicyEntry[], snapshot: CompiledSnapshot): readonly Endpoint[] {
  const found = new Map<string, Selector>();
  for (const { subject, peers } of rules) {
    for (const selector of [subject, ...(peers.type === 'of' ? peers.selectors : [])].flatMap(alternatives)) {
      if (choosesPods(selector)) found.set(JSON.stringify(selector), selector);
    }
  }
  return [...found.values()].map((selector) => probe(selector, snapshot));
}

function alternatives(selector: Selector): readonly Selector[] {
  return selector.type === 'or' ? selector.of.flatMap(alternatives) : [selector];
}

function probe(selector: Selector, { index }: CompiledSnapshot): Endpoint {
  const tests = selector.type === 'and' ? selector.of : [selector];
  const labels: Record<string, string> = {};
  const ofNamespace: Record<string, string> = {};
  let namespace = OTHER;
  let serviceAccount = 'default';
  for (const test of tests) {
    if (test.type === 'namespace') namespace = test.names[0] ?? OTHER;
    else if (test.type === 'serviceAccount') serviceAccount = test.names[0] ?? OTHER;
    else if (test.type === 'label' && test.op !== 'notIn' && test.op !== 'notExists') {
      const into = test.owner === 'namespace' ? ofNamespace : labels;
      into[test.key] = test.values[0] ?? OTHER;
    }
  }
  const named = ofNamespace['kubernetes.io/metadata.name'];
  if (named !== undefined) namespace = named;
  const known: Labels = namespaceLabels(index, namespace);
  const chosen = Object.entries(ofNamespace).every(([key, value]) => known[key] === value);
  // A namespace that exists has the labels it has; else one is made up that has those asked for.
  const inside = chosen ? namespace : `${OTHER}-${namespace}`;
  return {
    ...BLANK_ENDPOINT,
    kind: 'pod',
    namespace: inside,
    name: `(${OTHER})`,
    labels,
    namespaceLabels: chosen ? known : { ...ofNamespace, 'kubernetes.io/metadata.name': named ?? inside },
    serviceAccount,
    hypothetical: true,
  };
}
