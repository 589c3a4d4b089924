import { NO_LABELS } from '../model/index.js';
import type { Direction, Labels, Protocol } from '../model/index.js';

/** A connection that somebody saw. Peers are text, as in a question. */
export interface ObservedFlow {
  readonly src: string;
  readonly dst: string;
  readonly protocol: Protocol;
  /** null for protocols without ports. */
  readonly port: number | null;
}

/** One side of a flow, as far as its source tells it; '' and empty for what it does not. */
export interface SeenPeer {
  /** A peer as in a question; then nothing else is told but `hostNames`. */
  readonly asked: string;
  readonly namespace: string;
  /** A name that ends with `*` stands for every pod whose name begins like that. */
  readonly pod: string;
  readonly workload: string;
  readonly labels: Labels;
  readonly node: string;
  /** `namespace/name` of the Service that was asked for, where nothing says which of its backends answered. */
  readonly service: string;
  readonly address: string;
  readonly hostNames: readonly string[];
}

/** What became of a flow. `audited`: it passed and would not have, were policy enforced. */
export type SeenVerdict = 'forwarded' | 'dropped' | 'audited' | 'unknown';

/** Whether it is known that a flow passed. */
export function hasPassed({ verdict }: { readonly verdict: SeenVerdict }): boolean {
  return verdict === 'forwarded' || verdict === 'audited';
}

/** A flow as something that watches traffic reports it, whatever it was. */
export interface SeenFlow {
  readonly source: SeenPeer;
  readonly destination: SeenPeer;
  readonly protocol: Protocol;
  /** Of the destination; null for protocols without ports. */
  readonly port: number | null;
  /** The side whose policy was being applied when it was seen; null when that is not told. */
  readonly direction: Direction | null;
  readonly verdict: SeenVerdict;
  /** Why it was dropped, in the source's own words; '' when it was not, or nothing says. */
  readonly reason: string;
  /** Policies that decided, as the source names them: `namespace/name`, or `name`. */
  readonly policies: readonly string[];
  /** How many connections this one stands for. */
  readonly count: number;
  /** RFC 3339, '' when it is not told. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** A peer of which nothing is told, for readers to fill in. */
export const BLANK_PEER: SeenPeer = {
  asked: '',
  namespace: '',
  pod: '',
  workload: '',
  labels: NO_LABELS,
  node: '',
  service: '',
  address: '',
  hostNames: [],
};

/** A peer in words, by the best name it has. */
export function seenPeerName(peer: SeenPeer): string {
  const { asked, namespace, pod, workload, node, service, address, hostNames } = peer;
  if (asked !== '') return asked;
  if (namespace !== '' && (workload !== '' || pod !== '')) return `${namespace}/${workload || pod}`;
  if (node !== '') return `node ${node}`;
  const outside = [service, ...hostNames, address].find(Boolean);
  return outside ?? (namespace === '' ? 'somebody' : `somebody of ${namespace}`);
}
