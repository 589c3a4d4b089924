import { field, list, path, pushTo, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { DESTINATION_RULE, isForChosen, readDestinationRules, ruledClients, rulesOf } from './destination-rules.js';
import type { HostRule } from './destination-rules.js';
import { meshMembers } from './enrolment.js';
import { readMeshConfig } from './mesh-config.js';
import { gateways, passedThrough } from './sidecars.js';

/** Clients whose sidecars send what is for some Services in plain text, so that servers do not know them (IM-49). */
export interface PlainClients {
  readonly clients: Selector;
  /** Which backends of the Services that is so for. */
  readonly servers: Selector;
  /** `namespace/name`. */
  readonly services: readonly string[];
}

type ByNamespace = ReadonlyMap<string, readonly PlainClients[]>;

const KNOWN = new WeakMap<CompileEnv, ByNamespace>();

/** Those of Services of `namespace`, or of all when it is the root one; each backend of a Service stands in one of them. */
export function plainClients(env: CompileEnv, namespace: string): readonly PlainClients[] {
  let known = KNOWN.get(env);
  if (known === undefined) {
    const passed = passedThrough(env).map((area) => ({ ...area, servers: ALL }));
    known = byNamespace([...passed, ...switchedOff(env)], and(SIDECARS, not(gateways(env))));
    KNOWN.set(env, known);
  }
  if (namespace === readMeshConfig(env).rootNamespace) return [...known.values()].flat();
  return known.get(namespace) ?? [];
}

const SIDECARS = meshMembers('sidecar', 'partial');
const AMBIENT = meshMembers('ambient');

/** Services that the same of `areas` concern stand together. */
function byNamespace(areas: readonly PlainClients[], members: Selector): ByNamespace {
  const concern = new Map<string, number[]>();
  for (const [index, { services }] of areas.entries()) {
    for (const service of services) pushTo(concern, service, index);
  }
  const alike = new Map<string, string[]>();
  for (const service of [...concern.keys()].sort()) {
    pushTo(alike, `${service.split('/', 1)[0] ?? ''} ${concern.get(service)?.join() ?? ''}`, service);
  }
  const out = new Map<string, PlainClients[]>();
  for (const [key, services] of alike) {
    const [namespace = '', indices = ''] = key.split(' ');
    const those = indices.split(',').flatMap((index) => areas[Number(index)] ?? []);
    const passed = those.filter(({ servers }) => servers === ALL);
    const to = (servers: Selector, of: readonly PlainClients[]): void => {
      const clients = and(members, or(...of.map((one) => one.clients)));
      pushTo(out, namespace, { clients, servers, services });
    };
    if (passed.length === those.length) to(ALL, those);
    else {
      to(AMBIENT, passed);
      to(not(AMBIENT), those);
    }
  }
  return out;
}

/**
 * DestinationRules that send to a Service without mutual TLS of the mesh; what goes to ambient backends is carried all
 * the same.
 */
function switchedOff(env: CompileEnv): readonly PlainClients[] {
  const config = readMeshConfig(env);
  const all = readDestinationRules(env.aux(DESTINATION_RULE), config);
  const alike = new Map<string, { readonly clients: Selector; readonly services: string[] }>();
  for (const service of env.services.keys()) {
    for (const { clients, rules } of ruledClients(rulesOf(service, all), service, config)) {
      const who = and(clients, sendingPlain(rules));
      if (who === NONE) continue;
      const key = JSON.stringify(who);
      const known = alike.get(key) ?? { clients: who, services: [] };
      alike.set(key, known);
      known.services.push(service);
    }
  }
  return [...alike.values()].map((area) => ({ servers: not(AMBIENT), ...area }));
}

const policyOf = ({ rule }: HostRule): Json | undefined => path(rule.raw, 'spec', 'trafficPolicy');
const modeOf = (policy: Json | undefined): string => text(path(policy, 'tls', 'mode'));

/**
 * Of the clients that DestinationRules hold for those that they let send without an identity of the mesh: of rules for the
 * same clients the oldest that has a `trafficPolicy` counts. (istio: pilot/pkg/model/destination_rule.go)
 */
function sendingPlain(rules: readonly HostRule[]): Selector {
  const policies = rules.map(policyOf).filter((policy) => policy !== undefined);
  const byPart = [
    ...policies.flatMap((policy) => list(field(policy, 'portLevelSettings'))),
    ...rules.flatMap(({ rule }) => list(path(rule.raw, 'spec', 'subsets')).map((one) => field(one, 'trafficPolicy'))),
  ];
  const modes = [...policies, ...byPart].map(modeOf);
  if (!modes.some((mode) => NOT_OF_THE_MESH.has(mode))) return NONE;
  const audiences = new Set(rules.map(({ audience }) => JSON.stringify(audience)));
  const areMerged = audiences.size === 1 && !rules.some(({ rule }) => isForChosen(rule));
  if (!areMerged || byPart.some((part) => path(part, 'tls') !== undefined)) return { type: 'unknown', why: OF_PARTS };
  const mode = modeOf(policies[0]);
  if (mode === 'MUTUAL') return { type: 'unknown', why: OWN_CERTIFICATES };
  return NOT_OF_THE_MESH.has(mode) ? ALL : NONE;
}

/** Clients show no certificate, or one of their own. */
const NOT_OF_THE_MESH: ReadonlySet<string> = new Set(['DISABLE', 'SIMPLE', 'MUTUAL']);
const OWN_CERTIFICATES = 'whether servers take the certificates that a DestinationRule has clients show is not known';
const OF_PARTS = 'for which ports, subsets or clients DestinationRules switch mutual TLS off is not evaluated';
