import { and, not, or } from '../../model/index.js';
import type { LabelTest } from './cilium.raw.js';
import type { Selector } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { contextFor } from './cilium.context.js';
import { podLabelTest } from './label-tests.compile.js';

/**
 * A selector of NetworkPolicy as Cilium reads it, over the labels of identities: namespace, service account and cluster
 * are labels, and labels that make no identity are never seen.
 */
export function readAsCilium(selector: Selector, env: CompileEnv): Selector {
  const context = contextFor(env, '', new ProblemList(null));
  const read = (member: Selector): Selector => {
    switch (member.type) {
      case 'and':
        return and(...member.of.map(read));
      case 'or':
        return or(...member.of.map(read));
      case 'not':
        return not(read(member.of));
      case 'label': {
        const test = identityTest(member);
        return test === null ? member : podLabelTest(test, context);
      }
      default:
        return member;
    }
  };
  return read(selector);
}

function identityTest(member: Extract<Selector, { type: 'label' }>): LabelTest | null {
  const { owner, key, op, values } = member;
  if (op !== 'in' && op !== 'notIn' && op !== 'exists' && op !== 'notExists') return null;
  if (owner === 'pod') return { source: 'k8s', key, op, values };
  if (owner === 'namespace') return { source: 'k8s', key: `io.cilium.k8s.namespace.labels.${key}`, op, values };
  return null;
}
