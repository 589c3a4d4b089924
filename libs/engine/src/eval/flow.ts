import { hasPorts, hasTypes } from '../model/index.js';
import type { L7Question, Protocol } from '../model/index.js';
import type { Ip } from '../net/index.js';

/** What is asked of one pair of endpoints. Addresses are those of the endpoints. */
export interface Flow {
  readonly protocol: Protocol;
  /** Port at the destination endpoint; null for protocols without ports. */
  readonly port: number | null;
  /** 4 or 6 when the pair speaks one family only; null when no family is fixed (no addresses are known). */
  readonly family: 4 | 6 | null;
  readonly sourcePort?: number;
  /** `namespace/name` of the Service whose address the client used; absent when it used the endpoint's own. */
  readonly service?: string;
  /** The port of that Service, where it is known which. */
  readonly servicePort?: number;
  /** Where addresses are translated on the way, those that hosts may see in place of the endpoint's, if they are known. */
  readonly entered?: readonly { readonly ip: Ip; readonly port: number }[];
  /** Whether the mesh carries it, where that is not known of the pair and both are tried. */
  readonly carried?: boolean;
  /** Whether the two sides have authenticated to each other, where rules ask for it and both are tried. */
  readonly authenticated?: boolean;
  readonly icmp?: { readonly type: number; readonly code: number | null };
  readonly l7?: L7Question;
}

/** The flow at one value of what a protocol's connections are told by: a port, a type of ICMP or IGMP, or 0 for neither. */
export function flowAt(protocol: Protocol, value: number, family: Flow['family']): Flow {
  if (hasPorts(protocol)) return { protocol, port: value, family };
  const icmp = hasTypes(protocol) ? { icmp: { type: value, code: null } } : {};
  return { protocol, port: null, family, ...icmp };
}
