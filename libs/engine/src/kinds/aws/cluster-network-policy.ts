import type { PolicyFrontend } from '../frontend.js';
import { compileUpstreamPolicy, parseClusterNetworkPolicy } from '../upstream/index.js';
import type { Dialect, KindReader } from '../upstream/index.js';

/** The outer shape of v1alpha2 with the ports of v1alpha1 (AWS-1 to AWS-6 in aws.semantics.md). */
const DIALECT: Dialect = {
  actions: { Accept: 'allow', Deny: 'deny', Pass: 'pass' },
  egressPeers: ['networks', 'domainNames'],
  portsField: 'ports',
  maxRules: 100,
  maxPeers: 100,
  maxPorts: 100,
  portsMayBeEmpty: false,
  namespaceSelectorRequired: true,
  domainNameActions: ['allow', 'pass'],
  domainNamesRefusedFor: ['deny'],
  hadNamespaceSets: false,
  namedPortsOnlyForPods: false,
};

const READER: KindReader = {
  kind: 'AwsClusterNetworkPolicy',
  dialect: DIALECT,
  parse: (fact, problems) => parseClusterNetworkPolicy(fact, problems, DIALECT),
};

/** ClusterNetworkPolicy of the Amazon VPC CNI, networking.k8s.aws/v1alpha1. */
export const awsClusterNetworkPolicy: PolicyFrontend = {
  kinds: ['ClusterNetworkPolicy.networking.k8s.aws'],
  compile: (fact, env) => compileUpstreamPolicy(fact, env, READER),
};
