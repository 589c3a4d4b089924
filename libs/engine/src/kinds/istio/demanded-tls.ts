import { and, NONE, not, objectLabel, objectRef, or } from '../../model/index.js';
import type { AuxFact, CompiledPolicy, PolicyEntry, Selector, Tier } from '../../model/index.js';
import { ALL_PORTS } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { controlPlanes } from './control-planes.js';
import { DESTINATION_RULE } from './destination-rules.js';
import { EVERY_MEMBER, meshMembers, PARTIAL_WHY } from './enrolment.js';
import { readMeshConfig } from './mesh-config.js';
import { MESH_TIER, throughServices } from './mesh-tier.js';
import { withoutMutualTls } from './peer-authentication.compile.js';
import type { WorkloadPorts } from './peer-authentication.compile.js';
import { portsAlike } from './ports-alike.js';
import { ruledServices } from './ruled-services.js';
import { gateways } from './gateways.js';
import { passedThrough, refused } from './sidecars.js';
import { withMutualTls } from './transport.js';

/** What fails as a DestinationRule has clients speak mutual TLS of the mesh to servers that do not understand it (IM-52). */
export function demandedTls(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  const demands = demandsOf(env);
  if (demands.length === 0) return { policies: [], tiers: [] };
  const servers = plainServers(env);
  const policies = [...byRule(seenBySidecars(demands, env))].map(([rule, alike]): CompiledPolicy => {
    const object = objectRef(rule.meta);
    const entries = [...alike.values()].flatMap(({ clients, ports, services }): readonly PolicyEntry[] =>
      servers.flatMap((server) =>
        refused(object, { who: clients, peers: server.subject, ports: server.ports }, [
          throughServices(services, ports),
        ]),
      ),
    );
    return { policy: object, entries, diagnostics: [], refused: false };
  });
  policies.sort((a, b) => (objectLabel(a.policy) < objectLabel(b.policy) ? -1 : 1));
  return { policies, tiers: [MESH_TIER] };
}

/** Clients that a DestinationRule has speak mutual TLS of the mesh to some ports of a Service. */
interface Demand {
  readonly from: AuxFact;
  /** `namespace/name`. */
  readonly service: string;
  readonly clients: Selector;
  readonly ports: Ranges;
}

function demandsOf(env: CompileEnv): readonly Demand[] {
  if (env.aux(DESTINATION_RULE).length === 0) return [];
  const own = not(gateways(env));
  return ruledServices(env).flatMap(({ service, clients, ports, kinds, from }): readonly Demand[] => {
    const who = and(clients, withMutualTls(kinds), own);
    const rule = from[kinds.indexOf('demanded')];
    return who === NONE || rule === undefined ? [] : [{ from: rule, service, clients: who, ports }];
  });
}

/** What sidecars pass through to Services that they do not see heeds no DestinationRule. */
function seenBySidecars(demands: readonly Demand[], env: CompileEnv): readonly Demand[] {
  const hidden = passedThrough(env);
  return demands.flatMap((demand) => {
    const passed = hidden.filter(({ services }) => services.includes(demand.service));
    if (passed.length === 0) return [demand];
    return portsAlike([demand.ports, ...passed.map((one) => one.ports)]).flatMap(({ members, ports }) => {
      if (!members.includes(0)) return [];
      const around = or(...members.flatMap((index) => passed[index - 1]?.clients ?? []));
      const clients = and(demand.clients, not(around));
      return clients === NONE ? [] : [{ from: demand.from, service: demand.service, clients, ports }];
    });
  });
}

/** Pods, and ports of theirs, where nobody understands mutual TLS of the mesh; of `partial` members that cannot be told. */
function plainServers(env: CompileEnv): readonly WorkloadPorts[] {
  const without = or(
    and({ type: 'kind', kinds: ['pod', 'hostpod'] }, not(EVERY_MEMBER)),
    and(meshMembers('partial'), { type: 'unknown', why: PARTIAL_WHY }),
  );
  const off = controlPlanes(env).flatMap(({ env: seen, members }) =>
    withoutMutualTls(seen, readMeshConfig(seen).rootNamespace).map(({ subject, ports }) => {
      return { subject: and(subject, meshMembers('sidecar', 'partial'), members), ports };
    }),
  );
  return [{ subject: without, ports: ALL_PORTS }, ...off];
}

type Alike = Pick<Demand, 'clients' | 'ports'> & { readonly services: string[] };

/** Services for which a rule demands the same of the same clients stand together. */
function byRule(demands: readonly Demand[]): ReadonlyMap<AuxFact, ReadonlyMap<string, Alike>> {
  const out = new Map<AuxFact, Map<string, Alike>>();
  for (const { from, service, clients, ports } of demands) {
    const ofRule = out.get(from) ?? new Map<string, Alike>();
    out.set(from, ofRule);
    const key = JSON.stringify([clients, ports]);
    const known = ofRule.get(key) ?? { clients, ports, services: [] };
    ofRule.set(key, known);
    known.services.push(service);
  }
  return out;
}
