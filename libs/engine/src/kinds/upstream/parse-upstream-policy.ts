import { field, pointer } from '../../base/index.js';
import type { JsonObject } from '../../base/index.js';
import { NONE } from '../../model/index.js';
import type { PolicyFact } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { ADMIN_NETWORK_POLICY, BASELINE_ADMIN_NETWORK_POLICY } from './dialect.js';
import type { Dialect } from './dialect.js';
import { readInteger, readObject, warnUnknownFields } from './read-fields.js';
import { readSubject } from './read-pods.js';
import { readRules } from './read-rules.js';
import type { RawUpstreamPolicy, UpstreamTier } from './upstream-policy.raw.js';

const MAX_PRIORITY = 1000;

/** AdminNetworkPolicy (kubernetes-sigs/network-policy-api apis/v1alpha1/adminnetworkpolicy_types.go). */
export function parseAdminNetworkPolicy(fact: PolicyFact, problems: ProblemList): RawUpstreamPolicy {
  const spec = readSpec(fact, ['priority', 'subject', 'ingress', 'egress'], problems);
  return { ...readBody(spec, ADMIN_NETWORK_POLICY, problems), tier: 'admin', priority: readPriority(spec, problems) };
}

/** BaselineAdminNetworkPolicy: there is one, and its name is `default` (baselineadminnetworkpolicy_types.go). */
export function parseBaselineAdminNetworkPolicy(fact: PolicyFact, problems: ProblemList): RawUpstreamPolicy {
  if (fact.meta.name !== 'default') {
    const message = `the only name that this kind may have is \`default\`, found \`${fact.meta.name}\``;
    problems.error('adminpolicy.singleton', '/metadata/name', message);
  }
  const spec = readSpec(fact, ['subject', 'ingress', 'egress'], problems);
  return { ...readBody(spec, BASELINE_ADMIN_NETWORK_POLICY, problems), tier: 'baseline', priority: 0 };
}

/** ClusterNetworkPolicy or a kind with its outer shape (apis/v1alpha2/clusternetworkpolicy_types.go). */
export function parseClusterNetworkPolicy(
  fact: PolicyFact,
  problems: ProblemList,
  dialect: Dialect,
): RawUpstreamPolicy {
  const spec = readSpec(fact, ['tier', 'priority', 'subject', 'ingress', 'egress'], problems);
  return {
    ...readBody(spec, dialect, problems),
    tier: readTier(spec, problems),
    priority: readPriority(spec, problems),
  };
}

const NO_FIELDS: JsonObject = {};

function readSpec(fact: PolicyFact, known: readonly string[], problems: ProblemList): JsonObject {
  const spec = readObject(field(fact.raw, 'spec'), '/spec', 'an object', problems);
  if (spec === null) return NO_FIELDS;
  warnUnknownFields(spec, known, '/spec', problems);
  return spec;
}

function readBody(
  spec: JsonObject,
  dialect: Dialect,
  problems: ProblemList,
): Pick<RawUpstreamPolicy, 'subject' | 'rules'> {
  // One error for a missing spec is enough.
  if (spec === NO_FIELDS) return { subject: NONE, rules: { ingress: [], egress: [] } };
  return {
    subject: readSubject(field(spec, 'subject'), '/spec/subject', dialect, problems),
    rules: readRules(spec, dialect, problems),
  };
}

function readPriority(spec: JsonObject, problems: ProblemList): number {
  if (spec === NO_FIELDS) return 0;
  return readInteger(field(spec, 'priority'), 0, MAX_PRIORITY, pointer('/spec', 'priority'), problems) ?? 0;
}

function readTier(spec: JsonObject, problems: ProblemList): UpstreamTier {
  const tier = field(spec, 'tier');
  if (tier === 'Admin') return 'admin';
  if (tier === 'Baseline') return 'baseline';
  if (spec !== NO_FIELDS) {
    problems.error('adminpolicy.tier', '/spec/tier', `expected \`Admin\` or \`Baseline\`, found ${describe(tier)}`);
  }
  return 'admin';
}
