import { ALL, and, not, or } from '../../model/index.js';
import type { Condition, Selector } from '../../model/index.js';
import { cutRange, hasNumber, mergeRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { meshMembers, SEEN_CLIENTS } from './enrolment.js';
import { plainClients } from './plain-clients.js';
import type { PlainClients } from './plain-clients.js';
import { withoutMutualTls } from './peer-authentication.compile.js';
import { ANY_TERM } from './term.js';
import type { Term } from './term.js';

/** Workloads and ports at which the same clients have an identity. */
export interface Identified {
  readonly clients: Selector;
  readonly where: Term;
}

const SIDECARS = meshMembers('sidecar', 'partial');

/**
 * Who has an identity where, seen from policies of `namespace` (IM-14, IM-37): members of the mesh, and where a sidecar
 * takes no mutual TLS only those whose connections the mesh carries.
 */
export function identifiedClients(env: CompileEnv, namespace: string): readonly Identified[] {
  const areas = withoutMutualTls(env, namespace);
  const plain = plainClients(env, namespace);
  if (areas.length === 0) return byService({ clients: SEEN_CLIENTS, where: ANY_TERM }, plain);
  return [...portsAlike(areas.map(({ ports }) => ports))].flatMap(([members, ports]): readonly Identified[] => {
    const silent = and(or(...members.map((index) => areas[index]?.subject ?? ALL)), SIDECARS);
    const usual = { clients: SEEN_CLIENTS, where: { ...ANY_TERM, ports, subject: not(silent) } };
    if (members.length === 0) return byService({ ...usual, where: { ...ANY_TERM, ports } }, plain);
    return [
      ...byService(usual, plain),
      { clients: meshMembers('ambient'), where: { ...ANY_TERM, ports, subject: silent } },
    ];
  });
}

/** The same, told apart by Services that some clients send to in plain text (IM-49). */
function byService({ clients, where }: Identified, plain: readonly PlainClients[]): readonly Identified[] {
  if (plain.length === 0) return [{ clients, where }];
  const services = [...new Set(plain.flatMap((one) => one.services))];
  const through = (condition: Extract<Condition, { type: 'service' }>, servers: Selector): Term => {
    return { ...where, subject: and(where.subject, servers), requests: [...where.requests, condition] };
  };
  return [
    { clients, where: through({ type: 'service', names: services, outside: true }, ALL) },
    ...plain.map((one) => {
      const where = through({ type: 'service', names: one.services }, one.servers);
      return { clients: and(clients, not(one.clients)), where };
    }),
  ];
}

/** All ports, by which of `sets` they are in. */
function portsAlike(sets: readonly Ranges[]): ReadonlyMap<readonly number[], Ranges> {
  const starts = sets.flat().flatMap(([from, to]) => [from, to + 1]);
  const alike = new Map<string, { members: readonly number[]; ranges: [number, number][] }>();
  for (const [from, to] of cutRange(1, 65535, starts)) {
    const members = sets.flatMap((set, at) => (hasNumber(set, from) ? [at] : []));
    const known = alike.get(members.join()) ?? { members, ranges: [] };
    alike.set(members.join(), known);
    known.ranges.push([from, to]);
  }
  return new Map([...alike.values()].map(({ members, ranges }) => [members, mergeRanges(ranges)]));
}
