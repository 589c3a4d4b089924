import { objectRef } from '../model/index.js';
import type { CniDetection, Deviation, Diagnostic, ObjectRef, PolicyFact, PolicyKind } from '../model/index.js';
import { policyKindOf } from '../normalise/index.js';
import { ignoredKinds } from './comparison.js';
import type { IgnoredKind } from './comparison.js';
import { isIn, usesOf } from './construct.js';
import { KIND_GROUPS } from './profile.js';
import type { SemanticsDeviation } from './profile.js';
import { deviationsOf } from './semantics-of.js';

/** A field of a policy that the detected CNI, its version or its settings do not implement as it is written. */
export interface LackingField {
  readonly policy: ObjectRef;
  /** JSON pointer of the field; '' where the whole policy is concerned. */
  readonly pointer: string;
  /** What the CNI makes of it. */
  readonly deviation: Deviation;
  readonly why: string;
  /** The version or setting that has it, as `Cilium 1.16`; '' when none is known. */
  readonly needs: string;
  readonly source: string;
}

const EFFECTS = { no: 'ignored', partial: 'unknown', unknown: 'unknown' } as const;
const NOTHING: readonly LackingField[] = [];

/** What a CNI lacks of one kind: the kind itself, or fields of it. */
type Lack = { readonly whole: IgnoredKind } | { readonly parts: readonly LackingPart[] };
type LackingPart = SemanticsDeviation & Required<Pick<SemanticsDeviation, 'construct'>>;

/** What is known of one detection, for as long as it holds: most policies stay the same from snapshot to snapshot. */
class Lacks {
  readonly #cni: CniDetection;
  readonly #kinds = new Map<PolicyKind, Lack | null>();
  readonly #policies = new WeakMap<PolicyFact, readonly LackingField[]>();
  readonly #lists = new WeakMap<readonly PolicyFact[], readonly LackingField[]>();

  constructor(cni: CniDetection) {
    this.#cni = cni;
  }

  /** Every answer about a snapshot asks for the same list. */
  ofAll(policies: readonly PolicyFact[]): readonly LackingField[] {
    let known = this.#lists.get(policies);
    if (known === undefined) this.#lists.set(policies, (known = policies.flatMap((policy) => this.#of(policy))));
    return known;
  }

  #of(policy: PolicyFact): readonly LackingField[] {
    const kind = policyKindOf(policy.meta);
    const lack = kind === null ? null : this.#ofKind(kind);
    if (kind === null || lack === null) return NOTHING;
    let known = this.#policies.get(policy);
    if (known === undefined) this.#policies.set(policy, (known = fieldsOf(policy, kind, lack)));
    return known;
  }

  #ofKind(kind: PolicyKind): Lack | null {
    let known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, (known = lackOf(this.#cni, kind)));
    return known;
  }
}

function lackOf(cni: CniDetection, kind: PolicyKind): Lack | null {
  const group = KIND_GROUPS[kind];
  if (group === 'mesh' || group === 'calicoStaged') return null;
  const [whole] = ignoredKinds(cni, [kind]);
  if (whole !== undefined && whole.support !== 'partial') return { whole };
  const parts = deviationsOf(cni).filter(
    (deviation): deviation is LackingPart =>
      deviation.construct !== undefined && isIn(deviation.construct, group) && deviation.deviation !== 'exact',
  );
  return parts.length === 0 ? null : { parts };
}

function fieldsOf({ meta, raw }: PolicyFact, kind: PolicyKind, lack: Lack): readonly LackingField[] {
  const policy = objectRef(meta);
  if ('whole' in lack) {
    const { support, why, needs, source } = lack.whole;
    return [{ policy, pointer: '', deviation: EFFECTS[support], why, needs, source }];
  }
  const group = KIND_GROUPS[kind];
  const found = lack.parts.flatMap(({ construct, deviation, note, needs = '', source }) =>
    usesOf(construct, group, raw).map((pointer) => ({ policy, pointer, deviation, why: note, needs, source })),
  );
  return found.length === 0 ? NOTHING : found;
}

const KNOWN = new WeakMap<CniDetection, Lacks>();

/**
 * The fields of policies that a CNI does not implement, in the order of the policies. None where it enforces nothing, or
 * where that is not known: then no field stands out.
 */
export function lackingFields(cni: CniDetection, policies: readonly PolicyFact[]): readonly LackingField[] {
  if (cni.enforced !== 'yes') return NOTHING;
  let lacks = KNOWN.get(cni);
  if (lacks === undefined) KNOWN.set(cni, (lacks = new Lacks(cni)));
  return lacks.ofAll(policies);
}

/** A lacking field as what is told of its policy. */
export function lackingDiagnostic({ title }: CniDetection, field: LackingField): Diagnostic {
  const { policy, pointer, deviation, why, needs } = field;
  const message = `${title}: ${why} (${deviation})${needs === '' ? '' : `; it takes ${needs}`}`;
  return { code: 'cni.lacking', class: 'unsupported', message, object: policy, pointer };
}
