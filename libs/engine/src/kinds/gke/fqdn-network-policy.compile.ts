import { pointer } from '../../base/index.js';
import { ANY_PORT, SCTP } from '../../model/index.js';
import type { CompiledPolicy, PolicyEntry, PolicyFact } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { isolationTier, networkPolicyOrder, podSubject, standardTier } from '../shared/index.js';
import { parseFqdnNetworkPolicy } from './fqdn-network-policy.parse.js';
import type { RawFqdnRule } from './fqdn-network-policy.parse.js';

/** Isolates egress and allows names; one pool with NetworkPolicy (fqdn-network-policy.semantics.md). */
export function compileFqdnNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const raw = parseFqdnNetworkPolicy(fact, problems);
  const { group, kind, namespace, name } = fact.meta;
  const policy = { group, kind, namespace, name };
  const { semantics } = env;
  if (problems.failed) return { policy, entries: [], diagnostics: problems.diagnostics, refused: true };
  const isolation: PolicyEntry = {
    source: { policy, pointer: '', index: -1, name: '' },
    direction: 'egress',
    tier: isolationTier(semantics).id,
    order: networkPolicyOrder(semantics, policy),
    tieUndefined: false,
    subject: podSubject(semantics, { type: 'namespace', names: [namespace] }, raw.podSelector),
    peers: { type: 'none' },
    ports: ANY_PORT,
    family: null,
    action: 'allow',
    isolates: true,
    conditions: [],
  };
  const rules = raw.rules.map((rule, index): PolicyEntry => ({
    ...isolation,
    tier: standardTier(semantics, 'default').id,
    source: { policy, pointer: pointer('/spec/egress', index), index, name: '' },
    peers: { type: 'of', selectors: rule.names.map((pattern) => ({ type: 'hostName', pattern })) },
    ports: { include: portsOf(rule, semantics.sctp), except: [] },
    isolates: false,
  }));
  return { policy, entries: [isolation, ...rules], diagnostics: problems.diagnostics, refused: false };
}

function portsOf(rule: RawFqdnRule, sctp: boolean): PolicyEntry['ports']['include'] {
  return rule.ports === null ? 'any' : rule.ports.filter((match) => sctp || match.protocol !== SCTP);
}
