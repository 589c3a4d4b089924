import type { Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { DESTINATION_RULE, readDestinationRules, ruledClients, rulesOf } from './destination-rules.js';
import type { MergedRule } from './destination-rules.js';
import { readMeshConfig } from './mesh-config.js';
import { routedSubsets } from './mesh-routes.js';

/** A Service, clients of it, and the DestinationRules that hold for these. */
export interface RuledService {
  /** `namespace/name`. */
  readonly service: string;
  readonly clients: Selector;
  readonly rules: readonly MergedRule[];
  /** Subsets of the Service that VirtualServices send to. */
  readonly routed: ReadonlySet<string>;
}

const KNOWN = new WeakMap<CompileEnv, readonly RuledService[]>();

const NO_SUBSETS: ReadonlySet<string> = new Set();

/** Every Service with all clients, by the rules that hold for them. */
export function ruledServices(env: CompileEnv): readonly RuledService[] {
  let known = KNOWN.get(env);
  if (known === undefined) KNOWN.set(env, (known = read(env)));
  return known;
}

function read(env: CompileEnv): readonly RuledService[] {
  const config = readMeshConfig(env);
  const all = readDestinationRules(env.aux(DESTINATION_RULE), config);
  const subsets = routedSubsets((kind) => env.aux(kind));
  return [...env.services.keys()].flatMap((service) => {
    const routed = subsets.get(service) ?? NO_SUBSETS;
    return ruledClients(rulesOf(service, all), service, config).map(({ clients, rules }) => {
      return { service, clients, rules, routed };
    });
  });
}
