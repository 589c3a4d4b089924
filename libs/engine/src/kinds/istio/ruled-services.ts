import { groupBy, oncePer } from '../../base/index.js';
import { and, NONE, not, objectLabel, or } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import { ALL_PORTS, intersectRanges, mergeRanges, subtractRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { DESTINATION_RULE, readDestinationRules, ruledClients, rulesOf } from './destination-rules.js';
import type { DestinationRules, MergedRule } from './destination-rules.js';
import { ledClients } from './led-clients.js';
import type { Led } from './led-clients.js';
import { readMeshConfig } from './mesh-config.js';
import type { MeshConfig } from './mesh-config.js';
import type { MeshDestination } from './mesh-routes.js';
import { portsApart } from './ports-alike.js';
import { holders, portsSaid, transportAt } from './transport.js';
import type { Transport } from './transport.js';

/** Clients of a Service that speak to some of its ports in the same way. */
export interface RuledService {
  /** `namespace/name`. */
  readonly service: string;
  readonly clients: Selector;
  readonly ports: Ranges;
  /** One for each place where VirtualServices lead from there, else one. */
  readonly kinds: readonly Transport[];
  /** For each the DestinationRule that says so; absent where none does. */
  readonly from: readonly (AuxFact | undefined)[];
}

/**
 * Every Service with all clients, by how these speak to it. Where VirtualServices lead from its name on, what holds for
 * the Services, subsets and ports that they lead to counts (IM-49).
 */
export const ruledServices = oncePer(read);

interface Rules {
  readonly all: DestinationRules;
  readonly config: MeshConfig;
}

function read(env: CompileEnv): readonly RuledService[] {
  const config = readMeshConfig(env);
  const rules: Rules = { all: readDestinationRules(env.aux(DESTINATION_RULE), config), config };
  const led = ledClients(env);
  return [...env.services.values()].flatMap((fact): readonly RuledService[] => {
    const service = objectLabel(fact.meta);
    const itself: MeshDestination = { service, subset: '', port: null };
    const away = led.get(fact) ?? [];
    const stay = { clients: not(or(...away.map(({ clients }) => clients))), ports: ALL_PORTS, to: [itself] };
    const leave = away.map(({ clients, ports, ends }) => {
      return { clients, ports, to: distinct(ends.flatMap(({ to }) => to ?? [itself])) };
    });
    // On ports that nothing leads on from they stay too.
    const rest = [...groupBy(away, ({ clients }) => JSON.stringify(clients)).values()].map((some): Sent => {
      const { clients } = some[0] as Led;
      return {
        clients,
        ports: subtractRanges(ALL_PORTS, mergeRanges(some.flatMap(({ ports }) => ports))),
        to: [itself],
      };
    });
    return [stay, ...leave, ...rest].flatMap((each) => spokenTo(each, rules).map((found) => ({ service, ...found })));
  });
}

function distinct(all: readonly MeshDestination[]): readonly MeshDestination[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** Clients whom the same rule of each Service holds for. */
interface Cell {
  readonly clients: Selector;
  readonly rules: ReadonlyMap<string, MergedRule | undefined>;
}

interface Sent {
  readonly clients: Selector;
  readonly ports: Ranges;
  readonly to: readonly MeshDestination[];
}

function spokenTo(sent: Sent, rules: Rules): readonly Omit<RuledService, 'service'>[] {
  if (sent.to.length === 0 || sent.ports.length === 0) return [];
  return cellsOf(sent, rules).flatMap(({ clients, rules: holding }) => {
    const ruleOf = ({ service }: MeshDestination): MergedRule | undefined => holding.get(service ?? '');
    const said = sent.to.flatMap((one) => (one.port === null ? portsSaid(ruleOf(one), one.subset) : []));
    return portsApart(said).flatMap(({ number, ports: some }) => {
      const ports = intersectRanges(sent.ports, some);
      if (ports.length === 0) return [];
      const kinds = sent.to.map((one) => transportAt(ruleOf(one), one.subset, one.port ?? number, rules.config));
      return [{ clients, ports, kinds, from: sent.to.map((one) => ruleOf(one)?.from) }];
    });
  });
}

function cellsOf({ clients, to }: Sent, { all, config }: Rules): readonly Cell[] {
  let cells: readonly Cell[] = [{ clients, rules: new Map() }];
  for (const service of groupBy(to, (one) => one.service ?? '').keys()) {
    const parts = ruledClients(rulesOf(service, all), service, config).flatMap((area) =>
      holders(area.rules).map(({ rule, clients: some }) => ({ rule, clients: and(area.clients, some) })),
    );
    cells = cells.flatMap((cell) =>
      parts.flatMap((part): readonly Cell[] => {
        const both = and(cell.clients, part.clients);
        return isEmpty(both) ? [] : [{ clients: both, rules: new Map([...cell.rules, [service, part.rule]]) }];
      }),
    );
  }
  return cells;
}

/** Cells of one Service are of namespaces apart: most of those of two have nobody. */
function isEmpty(selector: Selector): boolean {
  if (selector.type !== 'and') return selector === NONE;
  const inside = selector.of.flatMap((one) => (one.type === 'namespace' ? [one.names] : []));
  const outside = selector.of.flatMap((one) =>
    one.type === 'not' ? (one.of.type === 'or' ? one.of.of : [one.of]) : [],
  );
  const left = (inside[0] ?? []).filter(
    (name) =>
      inside.every((names) => names.includes(name)) &&
      !outside.some((one) => one.type === 'namespace' && one.names.includes(name)),
  );
  return inside.length > 0 && left.length === 0;
}
