import { field, list } from '../../base/index.js';
import type { AuxFact, Labels } from '../../model/index.js';
import { calicoMeta } from './calico-meta.js';
import { netOf } from './fields.parse.js';
import { NAMESPACE_LABEL } from './selector.scope.js';

/** A NetworkSet or GlobalNetworkSet: blocks of addresses that selectors find by label. */
export interface NetworkSet {
  /** With those that it inherits from its namespace. */
  readonly labels: Labels;
  /** Canonical CIDR text. */
  readonly nets: readonly string[];
}

/** Reads a set; entries that are no addresses are left out, as Felix leaves them out. (CAL-40, CAL-41) */
export function readNetworkSet(fact: AuxFact, inherited: Labels): NetworkSet {
  const labels = Object.assign(Object.create(null) as Record<string, string>, inherited, calicoMeta(fact.meta).labels);
  if (fact.meta.namespace !== '') labels[NAMESPACE_LABEL] = fact.meta.namespace;
  const nets = list(field(field(fact.raw, 'spec'), 'nets'))
    .map((entry) => (typeof entry === 'string' ? netOf(entry) : null))
    .filter((net) => net !== null);
  return { labels, nets: [...new Set(nets)].sort() };
}
