import { groupBy } from '../../base/index.js';
import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { Condition, Selector } from '../../model/index.js';
import { ALL_PORTS } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { meshMembers, SEEN_CLIENTS } from './enrolment.js';
import { askingGateways, servingProxies } from './gateways.js';
import { throughServices } from './mesh-tier.js';
import { plainClients } from './plain-clients.js';
import type { PlainClients } from './plain-clients.js';
import { withoutMutualTls } from './peer-authentication.compile.js';
import { portsAlike } from './ports-alike.js';
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
 * takes no mutual TLS only those whose connections the mesh carries. At gateways nobody has, unless certificates are asked
 * for there (IM-63).
 */
export function identifiedClients(env: CompileEnv, namespace: string): readonly Identified[] {
  const serving = servingProxies(env);
  const asking = askingGateways(env);
  const at = (subject: Selector, clients: Selector): readonly Identified[] =>
    subject === NONE ? [] : [{ clients, where: { ...ANY_TERM, subject } }];
  return [
    ...atWorkloads(env, namespace).map(({ clients, where }) => {
      return { clients, where: { ...where, subject: and(where.subject, not(serving)) } };
    }),
    ...at(and(serving, not(asking)), NONE),
    ...at(and(serving, asking), and(SEEN_CLIENTS, ASKED)),
  ];
}

const ASKED: Selector = { type: 'unknown', why: 'which certificates a gateway asks for is told for each of its hosts' };

function atWorkloads(env: CompileEnv, namespace: string): readonly Identified[] {
  const areas = withoutMutualTls(env, namespace);
  const plain = plainClients(env, namespace);
  if (areas.length === 0) return byService({ clients: SEEN_CLIENTS, where: ANY_TERM }, plain);
  return portsAlike(areas.map(({ ports }) => ports)).flatMap(({ members, ports }): readonly Identified[] => {
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
  const through = (conditions: readonly Condition[], servers: Selector): Term => {
    return { ...where, subject: and(where.subject, servers), requests: [...where.requests, ...conditions] };
  };
  if (plain.length === 0) return [{ clients, where }];
  const byPorts = groupBy(plain, ({ ports }) => JSON.stringify(ports));
  const outside = [...byPorts.values()].map((alike): Condition => {
    const services = [...new Set(alike.flatMap((one) => one.services))];
    return { ...throughServices(services, alike[0]?.ports ?? ALL_PORTS), outside: true };
  });
  return [
    { clients, where: through(outside, ALL) },
    ...plain.map((one) => {
      const where = through([throughServices(one.services, one.ports)], one.servers);
      return { clients: and(clients, not(one.clients)), where };
    }),
  ];
}
