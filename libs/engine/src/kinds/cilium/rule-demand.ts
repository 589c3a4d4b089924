import type { RawAuthentication, RawPortRule, RawRule } from './cilium.raw.js';

/** What a rule for one port asks of connections beside who and where. */
export interface RuleDemand {
  /** Which parser sees the connection; '' for none. */
  readonly parser: string;
  /** Whether there are rules for its requests. */
  readonly asks: boolean;
  /** Whether it names servers. */
  readonly names: boolean;
  readonly endsTls: boolean;
  /** '' for none. */
  readonly listener: string;
  readonly priority: number;
  readonly mode: RawAuthentication;
}

/** What a part of a rule asks, which has one port rule or none. */
export function demandOf({ ports, authentication: mode }: RawRule): RuleDemand {
  const [only] = ports ?? [];
  if (only === undefined) {
    return { parser: '', asks: false, names: false, endsTls: false, listener: '', priority: 0, mode };
  }
  const { listener } = only;
  return {
    parser: parserOf(only),
    asks: only.l7 !== null,
    names: only.serverNames.length > 0,
    endsTls: only.terminatesTls,
    listener: listener === null ? '' : `${listener.kind} ${listener.config}/${listener.name}`,
    priority: listener?.priority ?? 0,
    mode,
  };
}

function parserOf({ listener, l7, serverNames, handlesTls }: RawPortRule): string {
  if (listener !== null) return 'envoy';
  if (l7 !== null) return l7.protocol;
  return serverNames.length > 0 || handlesTls ? 'tls' : '';
}

/** Why the agent cannot bring two of them together, in words; null where it can. (CNP-88) */
export function conflictOf(a: RuleDemand, b: RuleDemand): string | null {
  const ofParsers = parserConflictOf(a, b);
  if (ofParsers !== null) return ofParsers;
  if (a.listener !== b.listener && a.listener !== '' && b.listener !== '' && a.priority === b.priority) {
    return 'two listeners of one priority';
  }
  if (a.mode !== b.mode && a.mode !== null && b.mode !== null) return 'two modes of authentication';
  const cannotSee = (a.names || b.names) && (a.asks || b.asks) && !a.endsTls && !b.endsTls;
  return cannotSee ? 'server names and rules for requests inside TLS that is not ended' : null;
}

/** The same of their parsers alone. */
export function parserConflictOf({ parser: one }: RuleDemand, { parser: other }: RuleDemand): string | null {
  return agree(one, other) || agree(other, one) ? null : `rules for \`${one}\` and rules for \`${other}\``;
}

/** Whether a connection that one parser sees may be seen by the other in its place. */
function agree(one: string, other: string): boolean {
  return one === other || one === '' || (one === 'tls' && !['', 'dns', 'envoy'].includes(other));
}
