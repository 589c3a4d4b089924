import type { Deviation } from '../../model/index.js';
import type { SemanticsDeviation } from '../profile.js';
import { pull as pullOf, release as releaseOf } from '../source.js';

/** A field that releases of Cilium brought (`floor`) or took away (`until`). */
interface CiliumField extends Required<Pick<SemanticsDeviation, 'subject' | 'construct' | 'note' | 'source'>> {
  readonly floor?: string;
  readonly until?: string;
  readonly effect: Exclude<Deviation, 'exact'>;
}

export const pull = (number: number): string => pullOf('cilium/cilium', number);
export const blog = (post: string): string => `https://cilium.io/blog/${post}/`;
export const release = (version: string): string => releaseOf('cilium/cilium', `v${version}`);

const DROPPED = 'the CRD of this version does not have the field, so the API server drops it';

/** By release. A field that the CRD lacks is dropped, so that what is left of the rule says something else. */
export const CILIUM_FIELDS: readonly CiliumField[] = [
  {
    subject: 'ingressDeny and egressDeny',
    construct: 'denyRules',
    floor: '1.9',
    effect: 'ignored',
    note: DROPPED,
    source: blog('2020/11/10/cilium-19'),
  },
  {
    subject: 'icmps',
    construct: 'icmp',
    floor: '1.11',
    effect: 'widened',
    note: `${DROPPED}, and the rule is one for every protocol`,
    source: pull(16516),
  },
  {
    subject: 'cidrGroupRef in fromCIDRSet',
    construct: 'ingressCidrGroup',
    floor: '1.14',
    effect: 'rejected',
    note: DROPPED,
    source: release('1.14.0'),
  },
  {
    subject: 'authentication',
    construct: 'authentication',
    floor: '1.14',
    effect: 'widened',
    note: `${DROPPED}: peers are let in without it`,
    source: release('1.14.0'),
  },
  {
    subject: 'cidrGroupRef in toCIDRSet',
    construct: 'egressCidrGroup',
    floor: '1.16',
    effect: 'narrowed',
    note: 'groups count in rules of ingress only, so the block stands for nothing',
    source: release('1.16.0'),
  },
  {
    subject: 'enableDefaultDeny',
    construct: 'defaultDeny',
    floor: '1.16',
    effect: 'narrowed',
    note: `${DROPPED}: rules bring default deny`,
    source: pull(30572),
  },
  {
    subject: 'cidrGroupSelector',
    construct: 'cidrGroupSelector',
    floor: '1.17',
    effect: 'rejected',
    note: DROPPED,
    source: pull(36087),
  },
  {
    subject: 'toServices beside toPorts',
    construct: 'servicePorts',
    floor: '1.19',
    effect: 'rejected',
    note: 'this version refuses the two together',
    source: release('1.19.0'),
  },
  {
    subject: 'port names in egress',
    construct: 'egressNamedPort',
    floor: '1.20',
    effect: 'widened',
    note: 'a name is the one number that the pods of the cluster give it, at every peer, and nothing where they differ',
    source: pull(44429),
  },
  {
    subject: 'fromRequires and toRequires',
    construct: 'requires',
    until: '1.19',
    effect: 'ignored',
    note: 'were removed',
    source: release('1.19.0'),
  },
];
