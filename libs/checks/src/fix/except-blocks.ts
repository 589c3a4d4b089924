import { blockOf, contains, field, list, objectKey, parseCidr, pointer, TCP, text } from '#engine';
import type { Endpoint, Ip, Json, JsonObject, RuleRef } from '#engine';

import type { AuditContext } from '../context/audit-context.js';
import { peerPointer, type PolicyView } from '../context/policy-view.js';
import type { Fix } from './fix.js';
import { applyObjects, policyWith, specWith } from './make-fix.js';

/** The egress rules that let some pods reach some targets, each once. */
export function rulesThatAdmit(
  context: AuditContext,
  reached: readonly { readonly pod: Endpoint; readonly target: Endpoint; readonly port?: number }[],
): readonly RuleRef[] {
  const rules = reached.flatMap(({ pod, target, port = 80 }) => [
    ...(context.decide(pod, target, TCP, port)?.egress.determining ?? []),
  ]);
  return [...new Map(rules.map((rule) => [`${objectKey(rule.policy)}${rule.pointer}`, rule])).values()];
}

/** NetworkPolicies with addresses excepted from the blocks of some rules. Null where no block of theirs holds any. */
export function exceptBlocks(
  context: AuditContext,
  rules: readonly RuleRef[],
  addresses: readonly Ip[],
  {
    title,
    note,
    beside = [],
  }: { readonly title: string; readonly note: string; readonly beside?: readonly JsonObject[] },
): Fix | null {
  const changed = context.networkPolicies.flatMap((policy): JsonObject[] => {
    const own = rules.filter((rule) => objectKey(rule.policy) === objectKey(policy.ref));
    const spec = specWithout(policy, new Set(own.map((rule) => rule.pointer)), addresses);
    return spec === policy.spec ? [] : [policyWith(policy, spec as JsonObject)];
  });
  return changed.length + beside.length === 0 ? null : applyObjects(title, [...beside, ...changed], note);
}

function specWithout(policy: PolicyView, pointers: ReadonlySet<string>, addresses: readonly Ip[]): Json {
  let { spec } = policy;
  for (const rule of policy.rules.filter((each) => pointers.has(each.pointer))) {
    for (const [at, peer] of rule.peers.entries()) {
      const block = field(peer, 'ipBlock');
      const cidr = parseCidr(text(field(block, 'cidr')));
      const inside = cidr === null ? [] : addresses.filter((ip) => contains(cidr, ip));
      if (inside.length === 0) continue;
      const except: Json[] = [...new Set([...list(field(block, 'except')), ...inside.map(blockOf)])];
      spec = specWith({ spec }, pointer(peerPointer(rule, at), 'ipBlock', 'except'), except);
    }
  }
  return spec;
}
