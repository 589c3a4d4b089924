import { canonicalJson, field, groupBy, list, oncePer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { and, ANY_PORT, objectLabel, objectRef, or } from '../../model/index.js';
import type { CompiledPolicy, Direction, PolicyEntry, PolicyFact, Selector, Semantics } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { standardTier } from '../shared/index.js';
import { readCiliumPolicy, subjectOf } from './cilium.compile.js';
import type { Lifted } from './cilium.compile.js';
import { readOptions } from './cilium.options.js';
import { conflictOf, demandOf, parserConflictOf } from './rule-demand.js';
import type { RuleDemand } from './rule-demand.js';
import { rulePartsOf } from './rule-parts.js';
import type { RulePart } from './rule-parts.js';

interface Part extends RulePart {
  readonly fact: PolicyFact;
  readonly direction: Direction;
  readonly subject: Selector;
  readonly demand: RuleDemand;
}

/** What comes of it that the agent brings together the rules of one selector and port. */
export interface MergedRules {
  /** For whom parts of these policies do not stand. */
  readonly lifted: ReadonlyMap<PolicyFact, Lifted>;
  /** Endpoints whose policy the agent cannot work out. */
  readonly unresolved: readonly CompiledPolicy[];
}

/**
 * Brings together the rules of one selector and port of all policies (CNP-88, CNP-89); null where none bears on another.
 * `demanding` are those of Cilium's policies that `asksForMore`, `all` gives every one: they are looked at only where
 * servers are named, as there may be very many.
 */
export function mergeRules(
  demanding: readonly PolicyFact[],
  all: () => readonly PolicyFact[],
  env: CompileEnv,
): MergedRules | null {
  if (demanding.length === 0) return null;
  const asksNames = demanding.some(namesServers);
  const parts = (asksNames ? all() : demanding).flatMap((fact) => partsOf(fact, env));
  const byKey = [...groupBy(parts, ({ direction, key }) => `${direction} ${key}`).values()].filter(isSeveral);
  const unresolved = byKey.flatMap((group) => conflictsOf(group, conflictOf, env.semantics));
  if (readOptions(env.semantics).parsersByPort) {
    const byPort = [...groupBy(parts, ({ direction, port }) => `${direction} ${port}`).values()].filter(isSeveral);
    unresolved.push(...byPort.flatMap((group) => conflictsOf(group, parserConflictOf, env.semantics)));
  }
  const lifted = asksNames ? liftedBy(byKey) : new Map<PolicyFact, Lifted>();
  return unresolved.length === 0 && lifted.size === 0 ? null : { lifted, unresolved };
}

const isSeveral = (group: readonly unknown[]): boolean => group.length > 1;

/** The rules that allow, as they are written. */
function allowsOf({ raw }: PolicyFact): readonly Json[] {
  const sets = [field(raw, 'spec') ?? null, ...list(field(raw, 'specs'))];
  return sets.flatMap((set) => [...list(field(set, 'ingress')), ...list(field(set, 'egress'))]);
}

const portRulesOf = (rule: Json): readonly Json[] => list(field(rule, 'toPorts'));

const MORE = ['rules', 'serverNames', 'terminatingTLS', 'originatingTLS', 'listener'] as const;

/** Whether a policy asks more of what it allows than peer and port. */
export const asksForMore = oncePer((fact: PolicyFact) =>
  allowsOf(fact).some(
    (rule) =>
      field(rule, 'authentication') !== undefined ||
      portRulesOf(rule).some((ports) => MORE.some((name) => field(ports, name) !== undefined)),
  ),
);

/** Whether it names servers, which takes from others what they allow. */
export const namesServers = oncePer((fact: PolicyFact) =>
  allowsOf(fact).some((rule) => portRulesOf(rule).some((ports) => list(field(ports, 'serverNames')).length > 0)),
);

const KNOWN = oncePer((_: Semantics) => new WeakMap<PolicyFact, readonly Part[]>());

function partsOf(fact: PolicyFact, env: CompileEnv): readonly Part[] {
  const known = KNOWN(env.semantics);
  let parts = known.get(fact);
  if (parts === undefined) known.set(fact, (parts = readParts(fact, env)));
  return parts;
}

function readParts(fact: PolicyFact, env: CompileEnv): readonly Part[] {
  const { sets, context: shared } = readCiliumPolicy(fact, env);
  if (shared.problems.failed) return [];
  return sets.flatMap((set) => {
    const { subject, context } = subjectOf(set, shared);
    if (subject === null) return [];
    return (['ingress', 'egress'] as const).flatMap((direction) =>
      set[direction].allow.flatMap((rule) =>
        (rulePartsOf(rule, context) ?? []).map((part): Part => ({
          fact,
          direction,
          subject,
          demand: demandOf(part.rule),
          ...part,
        })),
      ),
    );
  });
}

/** Parts by the namespaces in which they meet: policies of one namespace, and those of all with each of them. */
function meetings(group: readonly Part[]): readonly (readonly Part[])[] {
  const byNamespace = groupBy(group, ({ fact }) => fact.meta.namespace);
  const wide = byNamespace.get('') ?? [];
  return [wide, ...[...byNamespace].filter(([name]) => name !== '').map(([, own]) => [...own, ...wide])];
}

function meet(one: Part, other: Part): boolean {
  const [a, b] = [one.fact.meta.namespace, other.fact.meta.namespace];
  return a === b || a === '' || b === '';
}

type Conflict = (a: RuleDemand, b: RuleDemand) => string | null;

/** Endpoints that two of the parts select of which one rules the other out. */
function conflictsOf(group: readonly Part[], conflict: Conflict, semantics: Semantics): readonly CompiledPolicy[] {
  const isWide = (parts: readonly Part[]): boolean => parts.every(({ fact }) => fact.meta.namespace === '');
  return meetings(group).flatMap((met) => {
    const alike = [...groupBy(met, ({ demand }) => canonicalJson(demand)).values()];
    return alike.flatMap((some, index) =>
      alike.slice(index + 1).flatMap((others): readonly CompiledPolicy[] => {
        const [one, other] = [some[0] as Part, others[0] as Part];
        const why = conflict(one.demand, other.demand);
        // What policies of all namespaces have among themselves is told once.
        if (why === null || (isWide([...some, ...others]) && !isWide(met))) return [];
        const subject = and(anyOf(some), anyOf(others));
        return [unresolvedPolicy(one, other, why, subject, semantics)];
      }),
    );
  });
}

const anyOf = (parts: readonly Part[]): Selector => or(...new Set(parts.map(({ subject }) => subject)));

/** Nothing is known of what comes to the endpoints or goes from them: the agent keeps what it had for them, if anything. */
function unresolvedPolicy(
  one: Part,
  other: Part,
  why: string,
  subject: Selector,
  semantics: Semantics,
): CompiledPolicy {
  const policy = objectRef(one.fact.meta);
  const place = ({ fact, rule }: Part): string =>
    `\`${rule.pointer}\` of ${fact.meta.kind} \`${objectLabel(fact.meta)}\``;
  const what = `the agent cannot work out the policy of the endpoint, as ${place(one)} and ${place(other)} write ${why} for the same peer and port`;
  const entries = (['ingress', 'egress'] as const).flatMap((direction) =>
    (['deny', 'allow'] as const).map((action): PolicyEntry => ({
      source: { policy, pointer: one.rule.pointer, index: one.rule.index, name: '' },
      direction,
      tier: standardTier(semantics, 'admin').id,
      order: [-1],
      tieUndefined: false,
      subject,
      peers: { type: 'any' },
      ports: ANY_PORT,
      family: null,
      action,
      isolates: false,
      conditions: [{ type: 'unsupported', what }],
    })),
  );
  return { policy, entries, diagnostics: [], refused: false };
}

/** Where one of the rules names servers, the others let nothing else pass that is meant by both. */
function liftedBy(groups: readonly (readonly Part[])[]): ReadonlyMap<PolicyFact, Lifted> {
  const out = new Map<PolicyFact, Map<string, Map<string, Selector>>>();
  for (const group of groups) {
    const naming = group.filter(({ demand }) => demand.names);
    if (naming.length === 0) continue;
    for (const part of group) {
      if (part.demand.names) continue;
      const by = naming.filter((one) => meet(one, part));
      if (by.length === 0) continue;
      const rules = out.get(part.fact) ?? new Map<string, Map<string, Selector>>();
      const keys = rules.get(part.rule.pointer) ?? new Map<string, Selector>();
      keys.set(part.key, anyOf(by));
      rules.set(part.rule.pointer, keys);
      out.set(part.fact, rules);
    }
  }
  return out;
}
