import { ALL, and, not, objectLabel, objectRef, or } from '../../model/index.js';
import type {
  CompiledPolicy,
  Condition,
  L7Rule,
  ObjectRef,
  PolicyEntry,
  RuleRef,
  Selector,
  ServiceFact,
  Tier,
} from '../../model/index.js';
import { ALL_PORTS } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { ledClients } from './led-clients.js';
import type { Led } from './led-clients.js';
import { MESH_TIER, ruleRef, throughServices } from './mesh-tier.js';
import type { RouteEnd } from './route-ends.js';
import { doubt, refused } from './sidecars.js';

/** Pods of Services that sidecars do not reach, as a VirtualService leads from there to others (IM-51, IM-55). */
export function ledElsewhere(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  const found = new Map<string, { object: ObjectRef; entries: PolicyEntry[] }>();
  for (const [service, leads] of ledClients(env)) {
    for (const led of leads) {
      const [first] = led.routes;
      if (first === undefined) continue;
      const object = objectRef(first.fact.meta);
      const key = objectLabel(object);
      const known = found.get(key) ?? { object, entries: [] };
      found.set(key, known);
      known.entries.push(...entriesOf(object, service, led));
    }
  }
  const policies = [...found.values()]
    .filter(({ entries }) => entries.length > 0)
    .map(({ object, entries }): CompiledPolicy => ({ policy: object, entries, diagnostics: [], refused: false }));
  return { policies, tiers: policies.length === 0 ? [] : [MESH_TIER] };
}

/** Requests that go to one of some ends, and it cannot be told to which. */
interface Way {
  readonly ends: readonly RouteEnd[];
  /** Which requests; none for all. */
  readonly requests: readonly Condition[];
}

/** Of more rules it is left open which counts, as each is told apart from all before it. */
const MOST_IN_ORDER = 40;

function waysOf({ ends, isInOrder }: Led): readonly Way[] {
  const all: Way = { ends, requests: [] };
  if (!isInOrder || isOneWay(ends) || ends.length > MOST_IN_ORDER) return [all];
  const earlier: L7Rule[] = [];
  const unsure: RouteEnd[] = [];
  const ways: Way[] = [];
  for (const end of ends) {
    if (end.asks === null) {
      unsure.push(end);
      continue;
    }
    const except = [...earlier];
    const rules = except.length === 0 ? end.asks : end.asks.map((rule): L7Rule => ({ except, ...rule }));
    // What is no request goes nowhere.
    ways.push({ ends: [end, ...unsure], requests: [{ type: 'l7', protocol: 'http', rules, others: true }] });
    earlier.push(...end.asks);
  }
  return ways;
}

function entriesOf(object: ObjectRef, { meta }: ServiceFact, led: Led): readonly PolicyEntry[] {
  const { clients, ports, ends } = led;
  const through = throughServices([objectLabel(meta)], ports);
  const lead = (some: readonly RouteEnd[]): Pick<RuleRef, 'pointer' | 'name'> => {
    const first = some.find(({ reach }) => reach !== ALL);
    const services = [...new Set(some.flatMap((end) => end.services))];
    return { pointer: first?.pointer ?? '', name: leadsTo(services) };
  };
  const refuse = (some: readonly RouteEnd[], reached: Selector, conditions: readonly Condition[]): PolicyEntry[] => {
    const source = { ...ruleRef(object), ...lead(some) };
    const peers = not(reached);
    return refused(object, { who: clients, peers, ports: ALL_PORTS }, [through, ...conditions]).map((entry) => {
      return { ...entry, source };
    });
  };
  const never = ({ ends: some, requests }: Way): readonly PolicyEntry[] => {
    const reaches = some.map(({ reach }) => reach);
    return reaches.includes(ALL) ? [] : refuse(some, or(...reaches), requests);
  };
  const sometimes = ({ ends: some, requests }: Way): readonly PolicyEntry[] => {
    if (isOneWay(some)) return [];
    const why = `${object.kind} ${objectLabel(object)} ${lead(some).name} for some of what is sent there`;
    return refuse(some, and(...some.map(({ reach }) => reach)), [...requests, doubt(why)]);
  };
  const ways = waysOf(led);
  return [
    ...never({ ends, requests: [] }),
    ...ways.flatMap((way) => [...(ways.length === 1 ? [] : never(way)), ...sometimes(way)]),
  ];
}

function isOneWay([first, ...others]: readonly RouteEnd[]): boolean {
  return others.every(({ reach }) => JSON.stringify(reach) === JSON.stringify(first?.reach));
}

const leadsTo = (services: readonly string[]): string =>
  services.length === 0 ? 'leads elsewhere' : `leads to ${services.join(', ')}`;
