import { and, not, or } from '../../model/index.js';
import type { Selector, Semantics } from '../../model/index.js';
import { identityReader, NAMESPACE_LABELS, podLabelTest } from './identity-label-test.js';
import type { IdentityLabelTest } from './identity-label-test.js';

/**
 * A selector of an upstream kind as the CNI reads it. Cilium reads selectors over the labels of identities: namespace,
 * service account and cluster are labels, and labels that make no identity are never seen. Others read them as written.
 */
export function asCniReads(selector: Selector, semantics: Semantics): Selector {
  if (semantics.combination !== 'cilium') return selector;
  const reader = identityReader(semantics);
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
        return test === null ? member : podLabelTest(test, reader);
      }
      default:
        return member;
    }
  };
  return read(selector);
}

function identityTest(member: Extract<Selector, { type: 'label' }>): IdentityLabelTest | null {
  const { owner, key, op, values } = member;
  if (op !== 'in' && op !== 'notIn' && op !== 'exists' && op !== 'notExists') return null;
  if (owner === 'pod') return { source: 'k8s', key, op, values };
  if (owner === 'namespace') return { source: 'k8s', key: `${NAMESPACE_LABELS}.${key}`, op, values };
  return null;
}
