import { and, ICMP, ICMPV6, SCTP, TCP } from '../../model/index.js';
import type { Action, Direction, PolicyEntry, PortMatch, Protocol, Tier } from '../../model/index.js';
import { peersWithin } from '../shared/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawIcmp, RawRule, RawServiceRef } from './calico.raw.js';
import { fromPorts, ofOtherProtocols, ofProtocols } from './ports.compile.js';
import { clientsOfService, ruleParts } from './rule.compile.js';
import type { RulePart } from './rule.compile.js';
import { serviceBackends } from './service.compile.js';

/*
 * Untracked policy looks at every packet by itself. So it judges the replies to what a host receives by the rules of
 * egress, and those to what it sends by the rules of ingress. (CAL-75)
 */

/** Protocols of which a reply means nothing where its request was not seen. */
const CONNECTIONS: readonly Protocol[] = [TCP, SCTP];

/** The gates that judge replies. Each asks first what one side of a connection meets, then what the other does. */
const GATES = ['host-replies', 'host-half-tracked'] as const;
export type ReplyGate = (typeof GATES)[number];
type Part = 'request' | 'reply';
const ORDER: Readonly<Record<ReplyGate, readonly [Part, Part]>> = {
  'host-replies': ['reply', 'request'],
  'host-half-tracked': ['request', 'reply'],
};
const TITLES: Readonly<Record<ReplyGate, string>> = {
  'host-replies': 'whether replies may pass untracked',
  'host-half-tracked': 'whether replies pass untracked to what is tracked',
};

/** One look at untracked policy in a gate: what of the connection it is shown, and whether it is the gate's first. */
export interface ReplyLook {
  readonly gate: ReplyGate;
  readonly part: Part;
  readonly isFirst: boolean;
}

export const REPLY_LOOKS: readonly ReplyLook[] = GATES.flatMap((gate) =>
  ORDER[gate].map((part, place): ReplyLook => ({ gate, part, isFirst: place === 0 })),
);

/** A tier of untracked policy as it is walked for one of these looks. */
export function replyTier(tier: Tier, { gate, part, isFirst }: ReplyLook): Tier {
  const title = `${tier.title}, ${TITLES[gate]}`;
  return { ...tier, id: `${gate}:${part}:${tier.id}`, title, order: [isFirst ? 0 : 1, ...tier.order], gate };
}

/** What stands before all of a gate's looks. */
export function beforeReplies(tier: Tier): readonly Tier[] {
  return GATES.map((gate) => ({ ...tier, id: `${gate}:${tier.id}`, order: [-1], gate }));
}

/** What a rule does to some protocols; `isOpen` where it depends on more than untracked policy. */
export interface ReplyEffect {
  readonly action: Action;
  readonly of: 'all' | 'connections' | 'others';
  readonly isOpen: boolean;
}

const whole = (action: Action): readonly ReplyEffect[] => [{ action, of: 'all', isOpen: false }];
const LOST: readonly ReplyEffect[] = [
  { action: 'deny', of: 'connections', isOpen: false },
  { action: 'deny', of: 'others', isOpen: true },
];
const HALF_TRACKED: readonly ReplyEffect[] = [
  { action: 'deny', of: 'connections', isOpen: false },
  { action: 'allow', of: 'others', isOpen: false },
];

/**
 * What comes of a rule with this action. Replies that are denied are lost; so are those that nothing lets pass to a
 * request that was let pass untracked, and those that are let pass untracked to one that was not.
 */
export function replyEffects(action: Action, { gate, part, isFirst }: ReplyLook): readonly ReplyEffect[] {
  if (action === 'pass') return whole('pass');
  if (action === 'deny') return gate === 'host-replies' && part === 'reply' ? LOST : whole('allow');
  if (isFirst) return whole('allow');
  return gate === 'host-replies' ? LOST : HALF_TRACKED;
}

/** An entry as one of these effects. */
export function withEffect(entry: PolicyEntry, { action, of, isOpen }: ReplyEffect): readonly PolicyEntry[] {
  const limit = of === 'connections' ? ofProtocols : ofOtherProtocols;
  const ports = of === 'all' ? entry.ports : limit(entry.ports, CONNECTIONS);
  if (ports === null) return [];
  const open = { type: 'unsupported', what: 'what becomes of replies that are packets of their own is open' } as const;
  return [{ ...entry, action, ports, conditions: isOpen ? [...entry.conditions, open] : entry.conditions }];
}

/** What a rule about the replies asks of the connection: the client sends where the reply goes to. */
export function replyParts(rule: RawRule, direction: Direction, context: CalicoContext): readonly RulePart[] {
  const { source, destination } = rule;
  const icmp = rule.icmp === null ? null : requestOf(rule.icmp, rule.protocol);
  if (rule.icmp !== null && icmp === null) return [];
  const asked: RawRule = {
    ...rule,
    icmp,
    notIcmp: rule.notIcmp === null ? null : requestOf(rule.notIcmp, rule.protocol),
    source: { ...destination, service: null },
    destination: { ...source, service: null },
  };
  return ruleParts(asked, direction, '', context)
    .map((part) => sentByService(part, source.service, direction, context))
    .flatMap((part) => sentToService(part, destination.service, direction, context));
}

/** The message that asks for an answer of this type. */
const ASKED_BY: Readonly<Partial<Record<Protocol, Readonly<Record<number, number>>>>> = {
  [ICMP]: { 0: 8, 14: 13, 16: 15, 18: 17 },
  [ICMPV6]: { 129: 128 },
};

/** Null where no answer is meant. */
function requestOf({ type, code }: RawIcmp, protocol: Protocol | null): RawIcmp | null {
  const request = ASKED_BY[protocol ?? ICMP]?.[type];
  return request === undefined || (code ?? 0) !== 0 ? null : { type: request, code: null };
}

type Service = RawServiceRef | null;

/** As source of a packet a Service is addresses alone. */
function sentByService(part: RulePart, service: Service, direction: Direction, context: CalicoContext): RulePart {
  if (service === null) return part;
  const servers = clientsOfService(service, context);
  if (direction === 'ingress') return { ...part, subject: and(part.subject, servers) };
  return { ...part, peers: peersWithin(part.peers, servers) };
}

/** As destination it is addresses and ports, which a client would have to send from. */
function sentToService(
  part: RulePart,
  service: Service,
  direction: Direction,
  context: CalicoContext,
): readonly RulePart[] {
  if (service === null) return [part];
  return (serviceBackends(service, context) ?? []).flatMap(({ endpoints, ports }) =>
    ports.flatMap((port) => {
      const limited = port.protocol === null ? null : ofProtocols(part.ports, [port.protocol]);
      if (limited === null) return [];
      const conditions = [...part.conditions, ...sentFrom(port)];
      const placed = { ...part, ports: limited, conditions };
      return direction === 'ingress'
        ? [{ ...placed, peers: peersWithin(part.peers, endpoints) }]
        : [{ ...placed, subject: and(part.subject, endpoints) }];
    }),
  );
}

function sentFrom(port: PortMatch): RulePart['conditions'] {
  if (port.type === 'range') return fromPorts([[port.from, port.to]]);
  return [{ type: 'unsupported', what: 'the client would have to send from a port that a Service names' }];
}
