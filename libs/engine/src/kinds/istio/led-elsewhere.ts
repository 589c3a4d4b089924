import { ALL, and, not, objectLabel, objectRef, or } from '../../model/index.js';
import type { CompiledPolicy, ObjectRef, PolicyEntry, ServiceFact, Tier } from '../../model/index.js';
import { ALL_PORTS } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { ledClients } from './led-clients.js';
import type { Led } from './led-clients.js';
import { MESH_TIER, ruleRef, throughServices } from './mesh-tier.js';
import { doubt, refused } from './sidecars.js';

/** Pods of Services that sidecars do not reach, as a VirtualService leads from there to others (IM-51). */
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

function entriesOf(object: ObjectRef, { meta }: ServiceFact, { clients, ports, ends }: Led): readonly PolicyEntry[] {
  const reaches = ends.map(({ reach }) => reach);
  const services = [...new Set(ends.flatMap((end) => end.services))];
  const source = { ...ruleRef(object, ends.find(({ reach }) => reach !== ALL)?.pointer), name: leadsTo(services) };
  const through = throughServices([objectLabel(meta)], ports);
  const never = refused(object, { who: clients, peers: not(or(...reaches)), ports: ALL_PORTS }, [through]);
  const why = `${object.kind} ${objectLabel(object)} ${leadsTo(services)} for some of what is sent there`;
  const sometimes = refused(object, { who: clients, peers: not(and(...reaches)), ports: ALL_PORTS }, [
    through,
    doubt(why),
  ]);
  const isOneWay = reaches.every((reach) => JSON.stringify(reach) === JSON.stringify(reaches[0]));
  return [...(reaches.includes(ALL) ? [] : never), ...(isOneWay ? [] : sometimes)].map((entry) => {
    return { ...entry, source };
  });
}

const leadsTo = (services: readonly string[]): string =>
  services.length === 0 ? 'leads elsewhere' : `leads to ${services.join(', ')}`;
