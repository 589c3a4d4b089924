import { field, list, path, pushTo, text } from '../../base/index.js';
import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { meshMembers } from './enrolment.js';
import { readMeshConfig } from './mesh-config.js';
import { gateways, passedThrough } from './sidecars.js';
import { inNamespace } from './targets.compile.js';
import { destinationRules, exportedTo } from './virtual-service.js';

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

/** DestinationRules that send to a Service without mutual TLS; what goes to ambient backends is carried all the same. */
function switchedOff(env: CompileEnv): readonly PlainClients[] {
  const { rootNamespace } = readMeshConfig(env);
  return [...destinationRules((kind) => env.aux(kind))].flatMap(([service, all]) =>
    all.flatMap((rule) => offBy(rule, service, all, rootNamespace)),
  );
}

const homeOf = ({ meta }: AuxFact): string => meta.namespace;

function offBy(
  rule: AuxFact,
  service: string,
  all: readonly AuxFact[],
  rootNamespace: string,
): readonly PlainClients[] {
  const home = homeOf(rule);
  const others = all.filter((other) => other !== rule);
  const how = plainness(rule, others);
  if (how === null) return [];
  const [ofService = ''] = service.split('/');
  const isOfRoot = home === rootNamespace && home !== ofService;
  // The one of the client's namespace holds before that of the Service's, and that before the root namespace's.
  const nearer = others.map((other): Selector => {
    if (homeOf(other) === ofService) return isOfRoot ? shownTo(other) : NONE;
    return homeOf(other) === rootNamespace ? NONE : and(inNamespace(homeOf(other)), shownTo(other));
  });
  const scope = isOfRoot || home === ofService ? not(or(...nearer)) : inNamespace(home);
  return [{ clients: and(scope, shownTo(rule), how), servers: not(AMBIENT), services: [service] }];
}

/** Whom it holds for as far as its own fields say, null where it leaves mutual TLS alone. */
function plainness({ raw, meta }: AuxFact, others: readonly AuxFact[]): Selector | null {
  const policy = path(raw, 'spec', 'trafficPolicy');
  const byPart = [...list(field(policy, 'portLevelSettings')), ...list(path(raw, 'spec', 'subsets'))];
  const isOff = text(path(policy, 'tls', 'mode')) === 'DISABLE';
  const mayDiffer = byPart.some((part) => (field(part, 'tls') ?? path(part, 'trafficPolicy', 'tls')) !== undefined);
  if (!isOff && !mayDiffer) return null;
  const isChosen = path(raw, 'spec', 'workloadSelector') !== undefined;
  const isOneOfSeveral = others.some((other) => homeOf(other) === meta.namespace);
  return mayDiffer || isChosen || isOneOfSeveral ? { type: 'unknown', why: OF_PARTS } : ALL;
}

const OF_PARTS = 'for which ports, subsets or clients DestinationRules switch mutual TLS off is not evaluated';

function shownTo(rule: AuxFact): Selector {
  const namespaces = exportedTo(rule);
  return namespaces === null ? ALL : or(...namespaces.map(inNamespace));
}
