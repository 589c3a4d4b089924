import type { Severity } from '../model/severity.js';

/** One thing that metrics tell about a cluster: a query, and from which value on it is bad. */
export interface Signal {
  /** Its number in the catalogue, as `RUN-01`; several signals may share one. */
  readonly number: string;
  readonly title: string;
  /** PromQL. Names accept the `_total` that OpenMetrics clients append. */
  readonly query: string;
  readonly unit: 'ratio' | 'per second' | 'events' | 'seconds';
  /** Bad from here on. */
  readonly limit: number;
  /** Worse from here on; null when there is one degree only. */
  readonly critical: number | null;
  readonly severity: Severity;
  /** What has to run, or be switched on, for the series to exist. */
  readonly exporter: string;
  /** What to do about it, in order. */
  readonly remedy: readonly string[];
}

/** A selector for a counter whose name may end in `_total`. */
const counter = (name: string, matchers = ''): string =>
  `{__name__=~"${name}(_total)?"${matchers === '' ? '' : `, ${matchers}`}}`;

/**
 * How much several counters rose in ten minutes, by instance. Each under a label of its own first: a function takes the
 * name away, and series that differ in nothing else are an error.
 */
function risen(...names: readonly string[]): string {
  const terms = names.map((name) => `label_replace(increase(${counter(name)}[10m]), "counter", "${name}", "", "")`);
  return `sum by (instance, node) (${terms.join(' or ')})`;
}

const RAISE_CONNTRACK = [
  'raise net.netfilter.nf_conntrack_max on these nodes, and the hash size with it (a quarter of it)',
  'spread the busiest workloads over more nodes, and let clients reuse connections',
  'shorten the time-outs of closed and idle connections (nf_conntrack_tcp_timeout_time_wait, …_udp_timeout)',
  'do not switch policy off: it would not free the table',
] as const;

/** The fill of the connection table of each node, at its highest in the half hour before. */
export const CONNTRACK_FILL: Signal = {
  number: 'RUN-01',
  title: 'connection table of the nodes',
  query: 'max_over_time(node_nf_conntrack_entries[30m]) / node_nf_conntrack_entries_limit',
  unit: 'ratio',
  limit: 0.75,
  critical: 0.9,
  severity: 'high',
  exporter: 'node_exporter on nodes with nf_conntrack loaded',
  remedy: RAISE_CONNTRACK,
};

/** How full a table will be in four hours, at the pace of the last quarter of an hour. */
export const CONNTRACK_TREND: Signal = {
  number: 'RUN-01',
  title: 'connection table of the nodes in four hours, at the present pace',
  query: 'predict_linear(node_nf_conntrack_entries[15m], 14400) / node_nf_conntrack_entries_limit',
  unit: 'ratio',
  limit: 1,
  critical: null,
  severity: 'high',
  exporter: 'node_exporter on nodes with nf_conntrack loaded',
  remedy: RAISE_CONNTRACK,
};

export const CONNTRACK_DROPS: Signal = {
  number: 'RUN-02',
  title: 'packets dropped for want of room in the connection table',
  query: risen('node_nf_conntrack_stat_drop', 'node_nf_conntrack_stat_early_drop'),
  unit: 'events',
  limit: 1,
  critical: 1,
  severity: 'critical',
  exporter: 'node_exporter on nodes with nf_conntrack loaded',
  remedy: RAISE_CONNTRACK,
};

export const CONNTRACK_INSERT_FAILED: Signal = {
  number: 'RUN-02',
  title: 'connections that could not be entered into the table',
  query: 'rate(node_nf_conntrack_stat_insert_failed[10m])',
  unit: 'per second',
  limit: 1,
  critical: null,
  severity: 'high',
  exporter: 'node_exporter on nodes with nf_conntrack loaded',
  remedy: [
    'two DNS look-ups of one client race for one entry: run the node-local DNS cache',
    'let resolvers use TCP (options use-vc), or one look-up at a time (options single-request-reopen)',
  ],
};

export const CILIUM_MAP_PRESSURE: Signal = {
  number: 'RUN-05',
  title: 'fill of Cilium’s eBPF maps',
  query: 'max_over_time(cilium_bpf_map_pressure[30m])',
  unit: 'ratio',
  limit: 0.9,
  critical: 1,
  severity: 'high',
  exporter: 'the metrics of Cilium’s agent',
  remedy: [
    'raise bpf-map-dynamic-size-ratio, or the size of the map that is named',
    'for policy maps: fewer identities in a rule, by labels that more pods share',
  ],
};

export const CILIUM_CONNTRACK_FULL: Signal = {
  number: 'RUN-05',
  title: 'packets that Cilium dropped since its connection table was full',
  query: `rate(${counter('cilium_drop_count', 'reason="CT: Map insertion failed"')}[10m])`,
  unit: 'per second',
  limit: 0.1,
  critical: 1,
  severity: 'critical',
  exporter: 'the metrics of Cilium’s agent',
  remedy: ['raise bpf-ct-global-tcp-max and bpf-ct-global-any-max', 'shorten the interval of its garbage collection'],
};

export const CILIUM_NAT_PORTS: Signal = {
  number: 'RUN-05',
  title: 'source ports in use by the busiest NAT mapping of Cilium',
  query: 'max_over_time(cilium_nat_endpoint_max_connection[30m]) / 100',
  unit: 'ratio',
  limit: 0.9,
  critical: 1,
  severity: 'high',
  exporter: 'the metrics of Cilium’s agent',
  remedy: ['give the workload more egress addresses, or let it reuse connections'],
};

export const POLICY_DROPS_CILIUM: Signal = {
  number: 'RUN-03',
  title: 'packets that Cilium dropped by policy',
  query: `sum by (direction) (rate(${counter('cilium_drop_count', 'reason=~"Policy denied.*"')}[5m]))`,
  unit: 'per second',
  limit: 10,
  critical: null,
  severity: 'medium',
  exporter: 'the metrics of Cilium’s agent',
  remedy: ['look the dropped flows up in Hubble: each names the policy, none named means default deny'],
};

export const DATAPLANE_ERRORS_FELIX: Signal = {
  number: 'RUN-04',
  title: 'errors of Calico’s Felix when it programs policy',
  query: risen(
    'felix_iptables_restore_errors',
    'felix_nft_errors',
    'felix_int_dataplane_failures',
    'felix_ipset_errors',
  ),
  unit: 'events',
  limit: 1,
  critical: null,
  severity: 'high',
  exporter: 'Felix with prometheusMetricsEnabled',
  remedy: ['read the log of calico-node on that node: what it could not program is not enforced there'],
};

export const DATAPLANE_ERRORS_CILIUM: Signal = {
  number: 'RUN-04',
  title: 'policy changes that Cilium could not take in',
  query: `sum by (instance, node) (increase(${counter('cilium_policy_change', 'outcome=~"fail(ure)?"')}[10m]))`,
  unit: 'events',
  limit: 1,
  critical: null,
  severity: 'high',
  exporter: 'the metrics of Cilium’s agent',
  remedy: ['read the log of cilium-agent on that node, and `cilium-dbg policy get`'],
};

export const SERVICE_PROXY_ERRORS: Signal = {
  number: 'RUN-04',
  title: 'failures of kube-proxy when it programs Services',
  query: risen(
    'kubeproxy_sync_proxy_rules_iptables_restore_failures',
    'kubeproxy_sync_proxy_rules_iptables_partial_restore_failures',
  ),
  unit: 'events',
  limit: 1,
  critical: null,
  severity: 'high',
  exporter: 'the metrics of kube-proxy',
  remedy: ['read the log of kube-proxy on that node: Services lead to old backends there'],
};

export const INVALID_STATE_DROPS: Signal = {
  number: 'RUN-02',
  title: 'packets dropped since their connection is in no valid state',
  query: `rate(${counter('kubeproxy_iptables_ct_state_invalid_dropped_packets')}[10m])`,
  unit: 'per second',
  limit: 1,
  critical: null,
  severity: 'medium',
  exporter: 'the metrics of kube-proxy',
  remedy: ['look for asymmetric routes, and for a table that was flushed or is full'],
};

export const DNS_ERRORS: Signal = {
  number: 'RUN-06',
  title: 'share of DNS answers that are SERVFAIL',
  query: `sum(rate(${counter('coredns_dns_responses', 'rcode="SERVFAIL"')}[5m])) / sum(rate(${counter('coredns_dns_responses')}[5m]))`,
  unit: 'ratio',
  limit: 0.02,
  critical: 0.2,
  severity: 'medium',
  exporter: 'the metrics of CoreDNS',
  remedy: ['see which upstream fails: coredns_proxy_healthcheck_failures_total and the log of CoreDNS'],
};

export const DNS_LATENCY: Signal = {
  number: 'RUN-06',
  title: 'time that the slowest hundredth of DNS look-ups takes',
  query: 'histogram_quantile(0.99, sum by (le) (rate(coredns_dns_request_duration_seconds_bucket[5m])))',
  unit: 'seconds',
  limit: 0.5,
  critical: 2,
  severity: 'medium',
  exporter: 'the metrics of CoreDNS',
  remedy: ['give CoreDNS more replicas or CPU, and run the node-local cache'],
};
