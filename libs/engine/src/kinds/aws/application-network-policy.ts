import type { CompiledPolicy, PeerSet, PolicyEntry, PolicyFact } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv, PolicyFrontend } from '../frontend.js';
import { networkPolicy } from '../networkpolicy/index.js';
import { networkPolicyOrder } from '../shared/index.js';
import { domainNameSelector } from '../upstream/index.js';
import { splitDomainNames } from './split-domain-names.js';

/** A NetworkPolicy whose egress rules may name domains; one pool with NetworkPolicy (AWS-10 in aws.semantics.md). */
function compileApplicationNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const { plain, names } = splitDomainNames(fact, problems);
  const compiled = networkPolicy.compile(plain, env);
  const diagnostics = [...compiled.diagnostics, ...problems.diagnostics];
  if (compiled.refused || problems.failed) return { ...compiled, entries: [], diagnostics, refused: true };
  const order = networkPolicyOrder(env.semantics, compiled.policy);
  return { ...compiled, entries: withNames(compiled.entries, names, order), diagnostics };
}

/**
 * Names are an entry of their own, once for each rule and its ports, beside what it makes of other peers: an address behind
 * a name is one by itself (AWS-17). Without other peers the names alone are meant and not every peer. What denies is an
 * exception of a block, which has nothing to do with names.
 */
function withNames(
  entries: readonly PolicyEntry[],
  names: ReadonlyMap<string, readonly string[]>,
  order: PolicyEntry['order'],
): readonly PolicyEntry[] {
  const given = new Set<string>();
  return entries.flatMap((entry) => {
    const { pointer } = entry.source;
    const own = names.get(pointer);
    if (own === undefined || entry.action === 'deny') return [entry];
    const others = entry.peers.type === 'of' ? [entry] : [];
    const key = JSON.stringify([pointer, entry.ports]);
    if (given.has(key)) return others;
    given.add(key);
    const peers: PeerSet = { type: 'of', selectors: own.map(domainNameSelector) };
    return [...others, { ...entry, order, peers }];
  });
}

/** ApplicationNetworkPolicy of the Amazon VPC CNI, networking.k8s.aws/v1alpha1. */
export const awsApplicationNetworkPolicy: PolicyFrontend = {
  kinds: ['ApplicationNetworkPolicy.networking.k8s.aws'],
  compile: compileApplicationNetworkPolicy,
};
