import { defineRunbook } from '../runbook/define-runbook.js';
import { CONNTRACK_INSERT_FAILED, DNS_ERRORS, DNS_LATENCY } from '../runbook/signals.js';
import { checkStep, inNamespace } from '../runbook/steps/check-step.js';
import { metricStep } from '../runbook/steps/metric-step.js';

/** RB-6. */
export const runbook = defineRunbook({
  id: 'dns-resolution-fails',
  number: 'RB-6',
  title: 'names cannot be looked up in some pods',
  description:
    'Looks for egress closed without DNS, resolvers that refuse, a DNS rule with a label that nothing carries, TCP or the target port forgotten; then for errors of the resolvers and the race of two look-ups in the connection table.',
  needs: [],
  takes: ['namespace', 'node'],
  alerts: ['DNSResolutionFailures', 'DnsServfail', 'CoreDNSErrorsHigh', 'CoreDNSLatencyHigh'],
  clean: 'policy lets every pod reach a resolver, and the resolvers answer',
  steps: [
    checkStep({
      check: 'dns-egress-missing',
      title: 'does policy let the pods reach a resolver, on the port that it listens on',
      expected: 'UDP and TCP to a ready resolver',
      about: inNamespace,
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'dns-servers-isolated',
      title: 'do the resolvers admit the pods',
      expected: 'the resolvers admit every namespace',
      answer: ([first]) => first.title,
      decisive: true,
    }),
    checkStep({
      check: 'namespace-label-absent',
      title: 'does the DNS rule name a label that nothing carries',
      expected: 'the label is there; kubernetes.io/metadata.name always is',
      about: inNamespace,
      answer: ([first]) => first.title,
    }),
    checkStep({
      check: 'service-port-not-pod-port',
      title: 'does the rule name the port that the resolver listens on',
      expected: 'the target port, which on OpenShift is 5353',
      about: inNamespace,
      answer: ([first]) => first.title,
    }),
    checkStep({
      check: 'protocol-omitted',
      title: 'does the rule allow UDP beside TCP',
      expected: 'both protocols: a port without one means TCP',
      about: inNamespace,
      answer: ([first]) => first.title,
    }),
    metricStep(DNS_ERRORS, {
      id: 'dns-errors',
      answer: (worst) => `the resolvers fail: ${worst} of their answers are SERVFAIL`,
    }),
    metricStep(DNS_LATENCY, {
      id: 'dns-latency',
      answer: (worst) => `the resolvers are slow: one look-up in a hundred takes ${worst} or more`,
    }),
    metricStep(CONNTRACK_INSERT_FAILED, {
      id: 'insert-failed',
      answer: (worst, where) =>
        `on ${where} ${worst} connections cannot be entered into the table: the race of two DNS look-ups`,
    }),
  ],
});
