import { ANY_PORT, objectLabel, objectRef } from '../model/index.js';
import type {
  Action,
  CompiledPolicy,
  ObjectRef,
  PolicyEntry,
  PolicyFact,
  PolicyKind,
  Selector,
  Tier,
} from '../model/index.js';

/** Evaluated before all others: nothing can be said of flows that an unread policy may concern. */
export const UNREAD_TIER: Tier = {
  id: 'unread',
  title: 'policies not evaluated',
  order: [-1],
  passTo: '',
  gate: 'cni',
};

/**
 * Stands in for a policy that we cannot evaluate: for every pod it may select, in both directions, it may allow or deny.
 * Its subject is its namespace, or all pods when it has none.
 */
export function unreadPolicy(fact: PolicyFact, kind: PolicyKind): CompiledPolicy {
  const policy = objectRef(fact.meta);
  const { namespace } = policy;
  const what = notEvaluated(policy, kind);
  const scope: Selector =
    namespace === '' ? { type: 'kind', kinds: ['pod'] } : { type: 'namespace', names: [namespace] };
  const entries = (['ingress', 'egress'] as const).flatMap((direction) =>
    (['allow', 'deny'] as const).map((action): PolicyEntry => ({
      source: { policy, pointer: '', index: -1, name: '' },
      direction,
      tier: UNREAD_TIER.id,
      order: [ORDER[action]],
      tieUndefined: false,
      subject: scope,
      peers: { type: 'any' },
      ports: ANY_PORT,
      family: null,
      action,
      isolates: false,
      conditions: [{ type: 'unsupported', what }],
    })),
  );
  return { policy, entries, diagnostics: [diagnosticOf(policy, what)], refused: false };
}

/**
 * A policy that was read, but whose place among the others cannot be told: what a rule of it says is decided before all
 * else or not at all, what a pass leads to may be either, and whom it isolates may be denied anything.
 */
export function unplacedPolicy(compiled: CompiledPolicy, kind: PolicyKind): CompiledPolicy {
  const { policy } = compiled;
  const what = notEvaluated(policy, kind);
  const entries = compiled.entries.flatMap((entry) =>
    possibleActions(entry).map((action): PolicyEntry => ({
      ...entry,
      tier: UNREAD_TIER.id,
      order: [ORDER[action]],
      tieUndefined: false,
      peers: entry.isolates ? { type: 'any' } : entry.peers,
      action,
      isolates: false,
      conditions: [...entry.conditions, { type: 'unsupported', what }],
    })),
  );
  return { ...compiled, entries, diagnostics: [...compiled.diagnostics, diagnosticOf(policy, what)] };
}

const ORDER = { deny: 0, allow: 1 } as const;

function possibleActions({ action, isolates }: PolicyEntry): readonly Exclude<Action, 'pass'>[] {
  if (isolates) return ['deny'];
  return action === 'pass' ? ['allow', 'deny'] : [action];
}

function notEvaluated(policy: ObjectRef, kind: PolicyKind): string {
  return `${kind} \`${objectLabel(policy)}\` is stored but not evaluated`;
}

function diagnosticOf(object: ObjectRef, message: string): CompiledPolicy['diagnostics'][number] {
  return { code: 'policy.not_evaluated', class: 'unsupported', message, object, pointer: '' };
}
