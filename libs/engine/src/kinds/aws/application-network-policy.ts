import type { CompiledPolicy, PolicyEntry, PolicyFact, Selector } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv, PolicyFrontend } from '../frontend.js';
import { networkPolicy } from '../networkpolicy/index.js';
import { domainNameSelector } from '../upstream/index.js';
import { splitDomainNames } from './split-domain-names.js';

/** A NetworkPolicy whose egress rules may name domains; one pool with NetworkPolicy (AWS-10 in aws.semantics.md). */
function compileApplicationNetworkPolicy(fact: PolicyFact, env: CompileEnv): CompiledPolicy {
  const problems = new ProblemList(fact.meta);
  const { plain, names } = splitDomainNames(fact, problems);
  const compiled = networkPolicy.compile(plain, env);
  const diagnostics = [...compiled.diagnostics, ...problems.diagnostics];
  if (compiled.refused || problems.failed) return { ...compiled, entries: [], diagnostics, refused: true };
  const entries = compiled.entries.map((entry) => withNames(entry, names.get(entry.source.pointer)));
  return { ...compiled, entries, diagnostics };
}

/**
 * Peers that are left are ORed with the names; without any, the names alone are meant and not every peer. What denies is
 * an exception of a block, which has nothing to do with names.
 */
function withNames(entry: PolicyEntry, names: readonly string[] | undefined): PolicyEntry {
  if (names === undefined || entry.action === 'deny') return entry;
  const others: readonly Selector[] = entry.peers.type === 'of' ? entry.peers.selectors : [];
  return { ...entry, peers: { type: 'of', selectors: [...others, ...names.map(domainNameSelector)] } };
}

/** ApplicationNetworkPolicy of the Amazon VPC CNI, networking.k8s.aws/v1alpha1. */
export const awsApplicationNetworkPolicy: PolicyFrontend = {
  kinds: ['ApplicationNetworkPolicy.networking.k8s.aws'],
  compile: compileApplicationNetworkPolicy,
};
