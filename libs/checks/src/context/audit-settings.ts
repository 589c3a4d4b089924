import type { DriftReport, PolicyFact, SeenFlow } from '#engine';

/** One list of blocks that a provider publishes. */
export interface AddressList {
  readonly provider: string;
  /** '' when the list does not say. */
  readonly service: string;
  readonly region: string;
  readonly blocks: readonly string[];
  /** Date of the list, RFC 3339. */
  readonly date: string;
}

/** What a cluster is declared to be. */
export interface Declared {
  readonly name: string;
  readonly policies: readonly PolicyFact[];
  /** From what is declared to what is there. */
  readonly report: DriftReport;
}

/** What an organisation decides for itself. */
export interface AuditSettings {
  /**
   * Namespaces of the platform, by name or, with a star at the end, by how their names begin: findings of coverage weigh less there, and
   * nothing is generated for them.
   */
  readonly systemNamespaces: readonly string[];
  /** Ports of data stores and administration, with what they are. */
  readonly sensitivePorts: ReadonlyMap<number, string>;
  /** Published blocks of cloud providers; empty when none were loaded. */
  readonly addressLists: readonly AddressList[];
  /** Flows that somebody saw; null when none were given and none are kept. */
  readonly flows: readonly SeenFlow[] | null;
  /** What the cluster is held against; null when nobody declared anything. */
  readonly declared: Declared | null;
  /** Whether somebody wrote down what is expected of policies; null when that is not known. */
  readonly hasAssertions: boolean | null;
  /** Time of the audit, RFC 3339; null when it does not matter. */
  readonly now: string | null;
  /** How long the review of a policy holds. */
  readonly reviewEveryDays: number;
  /** How long flows must have been watched before a rule counts as unused. */
  readonly unusedAfterDays: number;
}

export const DEFAULT_SETTINGS: AuditSettings = {
  systemNamespaces: [
    'kube-system',
    'kube-public',
    'kube-node-lease',
    'kube-flannel',
    'calico-system',
    'calico-apiserver',
    'tigera-operator',
    'cilium',
    'gatekeeper-system',
    'local-path-storage',
    'openshift',
    'openshift-*',
    'gke-managed-*',
    'gmp-system',
    'gmp-public',
    'cattle-*',
  ],
  sensitivePorts: new Map([
    [22, 'SSH'],
    [2379, 'etcd'],
    [2380, 'etcd peers'],
    [3306, 'MySQL'],
    [3389, 'RDP'],
    [5432, 'PostgreSQL'],
    [5984, 'CouchDB'],
    [6379, 'Redis'],
    [9042, 'Cassandra'],
    [9200, 'Elasticsearch'],
    [11211, 'memcached'],
    [27017, 'MongoDB'],
  ]),
  addressLists: [],
  flows: null,
  declared: null,
  hasAssertions: null,
  now: null,
  reviewEveryDays: 184,
  unusedAfterDays: 7,
};

/** Why a check about flows says nothing. */
export const NO_FLOWS = 'no flows are kept or given: see `atlas flows keep` and `atlas audit --flows`';

/** Annotations by which an owner says that something is meant; the value is the reason. On a pod, template or namespace. */
export const ACCEPTED = {
  internetEgress: 'netpol-atlas/internet-egress',
  internetIngress: 'netpol-atlas/internet-ingress',
  hostNetwork: 'netpol-atlas/host-network',
} as const;
export type Accepted = keyof typeof ACCEPTED;
