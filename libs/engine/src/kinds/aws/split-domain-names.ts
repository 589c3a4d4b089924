import { field, isObject, pointer } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import type { PolicyFact } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readDomainName } from '../upstream/index.js';

/** The part of an ApplicationNetworkPolicy that reads as a NetworkPolicy, and the domain names beside it. */
export interface SplitPolicy {
  readonly plain: PolicyFact;
  /** Domain names of egress rules, by the rule's JSON pointer. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/**
 * Takes the domain names out of the egress rules. Releases differ in where they stand: beside `to` in the rule, or in
 * a peer of `to`; both are read, and in both they stand alone.
 */
export function splitDomainNames(fact: PolicyFact, problems: ProblemList): SplitPolicy {
  const spec = field(fact.raw, 'spec');
  const egress = field(spec, 'egress');
  if (!isObject(spec) || !Array.isArray(egress)) return { plain: fact, names: new Map() };
  const names = new Map<string, readonly string[]>();
  const rules = (egress as readonly Json[]).map((rule, index) =>
    splitRule(rule, pointer('/spec/egress', index), names, problems),
  );
  return { plain: { ...fact, raw: { ...fact.raw, spec: { ...spec, egress: rules } } }, names };
}

function splitRule(rule: Json, at: string, names: Map<string, readonly string[]>, problems: ProblemList): Json {
  if (!isObject(rule)) return rule;
  const ofRule = field(rule, 'domainNames');
  const peers = field(rule, 'to');
  const found: string[] = [];
  if (ofRule !== undefined) {
    found.push(...readNames(ofRule, pointer(at, 'domainNames'), problems));
    if (Array.isArray(peers) && peers.length > 0) {
      problems.error('aws.domain_names_mixed', at, '`domainNames` cannot stand beside `to` in one rule');
    }
  }
  const rest = Array.isArray(peers) ? splitPeers(peers as readonly Json[], pointer(at, 'to'), found, problems) : null;
  if (ofRule === undefined && (rest === null || rest.length === (peers as readonly Json[]).length)) return rule;
  names.set(at, found);
  return without(rest === null ? rule : { ...rule, to: rest }, 'domainNames');
}

/** The peers without domain names; the names of the others go to `found`. */
function splitPeers(peers: readonly Json[], at: string, found: string[], problems: ProblemList): readonly Json[] {
  return peers.filter((peer, index) => {
    const names = field(peer, 'domainNames');
    if (names === undefined || !isObject(peer)) return true;
    const here = pointer(at, index);
    found.push(...readNames(names, pointer(here, 'domainNames'), problems));
    if (Object.keys(peer).length > 1) {
      problems.error('aws.domain_names_mixed', here, '`domainNames` cannot stand beside another field in one peer');
    }
    return false;
  });
}

function readNames(value: Json, at: string, problems: ProblemList): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.error('aws.domain_names', at, `expected a list of at least one domain name, found ${describe(value)}`);
    return [];
  }
  return (value as readonly Json[])
    .map((name, index) => readDomainName(name, pointer(at, index), problems))
    .filter((name): name is string => name !== null);
}

function without(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
