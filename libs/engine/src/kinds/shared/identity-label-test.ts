import { ALL, NONE, not } from '../../model/index.js';
import type { LabelOwner, Selector, Semantics } from '../../model/index.js';
import { identityFilter } from './identity-labels.js';
import type { IdentityFilter } from './identity-labels.js';

/** One test of a label of Cilium's identities. The source is the prefix of its key (`k8s:`, …), `any` without one. */
export interface IdentityLabelTest {
  readonly source: string;
  readonly key: string;
  readonly op: 'in' | 'notIn' | 'exists' | 'notExists';
  readonly values: readonly string[];
}

/** What a cluster's configuration says of identities. */
export interface IdentityReader {
  readonly clusterName: string;
  readonly countsForIdentity: IdentityFilter;
}

const READERS = new WeakMap<Semantics, IdentityReader>();

/** The reader for the options of `semantics`: `cluster-name` and `labels`. */
export function identityReader(semantics: Semantics): IdentityReader {
  let known = READERS.get(semantics);
  if (known === undefined) {
    const { options } = semantics;
    known = {
      clusterName: options['cluster-name'] ?? 'default',
      countsForIdentity: identityFilter(options['labels'] ?? ''),
    };
    READERS.set(semantics, known);
  }
  return known;
}

/** The label that tells a pod's namespace. */
export const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
/** Prefix of the labels that a pod has from its namespace. */
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels';
/** The label that tells a pod's cluster. */
export const CLUSTER_KEY = 'io.cilium.k8s.policy.cluster';
const SERVICE_ACCOUNT_KEY = 'io.cilium.k8s.policy.serviceaccount';

/**
 * A test of a label that pods alone may carry, told of a pod. `io.kubernetes.pod.namespace`, namespace labels, the
 * service account and the cluster's name are labels like any other to Cilium.
 */
export function podLabelTest(test: IdentityLabelTest, reader: IdentityReader): Selector {
  const negative = test.op === 'notIn' || test.op === 'notExists';
  if (!carriedByPods(test, reader)) return negative ? ALL : NONE;
  const { key, values } = test;
  switch (key) {
    case NAMESPACE_KEY:
      return fixedTest(test, { type: 'namespace', names: values });
    case SERVICE_ACCOUNT_KEY:
      return fixedTest(test, { type: 'serviceAccount', names: values });
    case CLUSTER_KEY:
      return fixedTest(test, values.includes(reader.clusterName) ? ALL : NONE);
    default:
      return key.startsWith(`${NAMESPACE_LABELS}.`)
        ? labelTest(test, 'namespace', key.slice(NAMESPACE_LABELS.length + 1))
        : labelTest(test, 'pod', key);
  }
}

function carriedByPods(test: IdentityLabelTest, reader: IdentityReader): boolean {
  return (test.source === 'any' || test.source === 'k8s') && reader.countsForIdentity('k8s', test.key);
}

/** A test of a label that every pod has. */
function fixedTest(test: IdentityLabelTest, member: Selector): Selector {
  switch (test.op) {
    case 'in':
      return member;
    case 'notIn':
      return not(member);
    case 'exists':
      return ALL;
    case 'notExists':
      return NONE;
  }
}

function labelTest(test: IdentityLabelTest, owner: LabelOwner, key: string): Selector {
  return { type: 'label', owner, key, op: test.op, values: test.values };
}
