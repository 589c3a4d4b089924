import { defineRunbook } from '../runbook/define-runbook.js';
import {
  CILIUM_CONNTRACK_FULL,
  CILIUM_MAP_PRESSURE,
  CILIUM_NAT_PORTS,
  CONNTRACK_DROPS,
  CONNTRACK_FILL,
  CONNTRACK_INSERT_FAILED,
  CONNTRACK_TREND,
  DATAPLANE_ERRORS_FELIX,
  DNS_ERRORS,
  DNS_LATENCY,
  INVALID_STATE_DROPS,
  POLICY_DROPS_CILIUM,
} from '../runbook/signals.js';
import { replicasStep } from '../runbook/steps/replicas-step.js';
import { metricStep } from '../runbook/steps/metric-step.js';

/** RB-5. */
export const runbook = defineRunbook({
  id: 'conntrack-saturation',
  number: 'RB-5',
  title: 'connections fail now and then, and more under load',
  description:
    'Looks for a full connection table: entries against the limit of each node, drops, failed insertions, Cilium’s own maps, and how soon a table that fills will be full. Replicas that policy treats differently look the same from outside and are ruled out first.',
  needs: [],
  takes: ['from', 'to', 'port', 'protocol', 'node'],
  alerts: [
    'ConntrackNearlyFull',
    'ConntrackDropping',
    'ConntrackInsertFailed',
    'CiliumMapPressure',
    'NodeHighNumberConntrackEntriesUsed',
  ],
  clean: 'no connection table is near its limit and none drops packets',
  steps: [
    replicasStep,
    metricStep(CONNTRACK_FILL, {
      id: 'conntrack-fill',
      decisive: true,
      answer: (worst, where) =>
        `the connection table of ${where} is ${worst} full: new connections are dropped when it is full`,
    }),
    metricStep(CONNTRACK_DROPS, {
      id: 'conntrack-drops',
      decisive: true,
      answer: (worst, where) =>
        `${where} dropped ${worst} packets in ten minutes for want of room in its connection table`,
    }),
    metricStep(CONNTRACK_TREND, {
      id: 'conntrack-trend',
      answer: (_, where) => `the connection table of ${where} fills: at this pace it is full within four hours`,
    }),
    metricStep(CONNTRACK_INSERT_FAILED, {
      id: 'insert-failed',
      answer: (worst, where) =>
        `on ${where} ${worst} connections cannot be entered into the table: the race of two DNS look-ups`,
    }),
    metricStep(CILIUM_CONNTRACK_FULL, {
      id: 'cilium-conntrack',
      answer: (worst, where) => `Cilium’s connection table on ${where} is full: ${worst} packets dropped`,
    }),
    metricStep(CILIUM_MAP_PRESSURE, {
      id: 'cilium-maps',
      answer: (worst, where) => `an eBPF map of Cilium on ${where} is ${worst} full`,
    }),
    metricStep(CILIUM_NAT_PORTS, {
      id: 'cilium-nat',
      answer: (worst, where) => `a NAT mapping of Cilium on ${where} uses ${worst} of its source ports`,
    }),
    metricStep(INVALID_STATE_DROPS, { id: 'invalid-state' }),
    metricStep(DNS_ERRORS, { id: 'dns-errors' }),
    metricStep(DNS_LATENCY, { id: 'dns-latency' }),
    metricStep(POLICY_DROPS_CILIUM, { id: 'policy-drops' }),
    metricStep(DATAPLANE_ERRORS_FELIX, { id: 'felix-errors' }),
  ],
});
