import { hasPorts, hasTypes } from '../model/index.js';
import type { Direction, ObjectRef, Verdict } from '../model/index.js';
import type { RuleView } from '../ask/answer.js';
import { parseProtocol } from '../ask/parse-peer.js';
import type { ReadingName } from '../eval/evaluate-pair.js';

/** Every sort of drift of what can talk to what. */
export const DRIFT_TYPES = [
  'opened',
  'closed',
  'widened',
  'narrowed',
  'changed',
  'became-unknown',
  'became-known',
  'isolation-lost',
  'isolation-gained',
  'enforcement-changed',
  'endpoints-added',
  'endpoints-removed',
] as const;
export type DriftType = (typeof DRIFT_TYPES)[number];

/** A workload, a pod without one, a node, or a part of the outside. */
export interface DriftPeer {
  /** `Deployment`, `Pod`, `Node`, …; `Outside` for addresses that no pod and no node owns. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly endpoints: number;
}

/** The endpoints at one side of an entry. */
export interface DriftSide {
  readonly endpoints: number;
  /** How many of them are in each namespace; '' for nodes. */
  readonly namespaces: Readonly<Record<string, number>>;
  /** How many of them are outside the cluster. */
  readonly outside: number;
  /** In order of namespace and name, the first `PEER_LIMIT`. */
  readonly peers: readonly DriftPeer[];
}

/** More peers of one side are counted only. */
export const PEER_LIMIT = 200;

/** The object whose change made the difference. */
export interface DriftCauseView {
  readonly type: 'policy' | 'label' | 'enforcement' | 'object';
  readonly change: 'added' | 'removed' | 'changed';
  /** null for what the caller may not see, and for the CNI as a whole. */
  readonly object: ObjectRef | null;
  /** `NetworkPolicy shop/web changed: spec.ingress[0].ports[0].port 80 → 8443`. */
  readonly text: string;
}

/** What one state makes of the example, and the rules that settle it. */
export interface DriftVerdict {
  readonly verdict: Verdict;
  readonly rules: readonly RuleView[];
}

/** A flow that shows a difference, its peers as a question takes them. */
export interface DriftExample {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number;
  readonly before: DriftVerdict;
  readonly after: DriftVerdict;
}

/** The question whose answer an example is. */
export interface ExampleFlow {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port?: number;
  readonly icmp?: { readonly type: number };
}

export function flowOf({ from, to, protocol: name, port }: DriftExample): ExampleFlow {
  const protocol = parseProtocol(name) ?? 0;
  const whole = { from, to, protocol: name };
  if (hasPorts(protocol)) return { ...whole, port };
  return hasTypes(protocol) ? { ...whole, icmp: { type: port } } : whole;
}

/** One difference in what can talk to what. */
export interface DriftEntryView {
  /** Equal for equal entries, in whatever report. */
  readonly id: string;
  readonly type: DriftType;
  /** Something may pass that could not, or protection is gone. */
  readonly dangerous: boolean;
  /** Something that passed may not pass any more. */
  readonly breaking: boolean;
  readonly summary: string;
  /** Of connections: from every source to every destination; null for the others. */
  readonly sources: DriftSide | null;
  readonly destinations: DriftSide | null;
  /** Of isolation, and of what came and went; null for connections. */
  readonly subjects: DriftSide | null;
  readonly direction: Direction | null;
  /** In words: connections, or the CNI. */
  readonly before: string;
  readonly after: string;
  /** Pairs of source and destination that the entry speaks for, 0 for what has none. */
  readonly pairs: number;
  readonly example: DriftExample | null;
  readonly causes: readonly DriftCauseView[];
}

/** One value of an object that differs, as JSON; null on the side that does not have it. */
export interface PatchLine {
  /** `spec.ingress[0].ports[0].port`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** An object that came, went or changed. */
export interface ObjectDriftView {
  readonly type: 'added' | 'removed' | 'changed';
  readonly kindId: string;
  readonly object: ObjectRef;
  /** Of policies: whether what they say together is the `same`, whatever pods there are; null for other kinds. */
  readonly meaning: 'same' | 'different' | null;
  readonly patch: readonly PatchLine[];
}

export interface DriftSummary {
  readonly objects: { readonly added: number; readonly removed: number; readonly changed: number };
  /** Policies that were written in another way and say the same, and those that say something else. */
  readonly policies: { readonly same: number; readonly different: number };
  readonly entries: number;
  readonly dangerous: number;
  readonly breaking: number;
  readonly types: Readonly<Partial<Record<DriftType, number>>>;
}

/** What differs between two states, in three depths: objects, the meaning of policies, and what can talk to what. */
export interface DriftReport {
  readonly reading: ReadingName;
  readonly summary: DriftSummary;
  readonly objects: readonly ObjectDriftView[];
  readonly entries: readonly DriftEntryView[];
}
