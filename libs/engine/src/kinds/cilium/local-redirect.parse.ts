import { field, isObject, list, path, pointer, pointerToMissing, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { TCP, UDP } from '../../model/index.js';
import type { AuxFact, Diagnostic, Protocol, Selector } from '../../model/index.js';
import { parseIp } from '../../net/index.js';
import type { Ip } from '../../net/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { readLabelSelector } from '../shared/index.js';

export const LOCAL_REDIRECT = 'CiliumLocalRedirectPolicy.cilium.io';

export interface RedirectPort {
  readonly protocol: Protocol;
  readonly port: number;
  /** '' for none. */
  readonly name: string;
}

/** What leads clients of a Service or an address to pods on their own node. */
export interface LocalRedirect {
  readonly namespace: string;
  readonly name: string;
  /** A Service of the same namespace, or an address. */
  readonly frontend: { readonly service: string } | { readonly address: Ip };
  /** The ports there; none for all of the Service. */
  readonly from: readonly RedirectPort[];
  /** The pods, of the same namespace. */
  readonly pods: Selector;
  readonly to: readonly RedirectPort[];
  /** The pods themselves are led as if it were not there. */
  readonly sparesItsPods: boolean;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = { TCP, UDP };
const PORT = /^(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/;

/** Reads a CiliumLocalRedirectPolicy; null where the API server or the agent refuses it. (SVC-16) */
export function parseLocalRedirect({ meta, raw }: AuxFact, problems: ProblemList): LocalRedirect | null {
  const spec = field(raw, 'spec');
  const backend = field(spec, 'redirectBackend');
  for (const key of ['redirectFrontend', 'redirectBackend']) {
    const value = field(spec, key);
    if (isObject(value)) continue;
    const expected = `expected an object, found ${describe(value)}`;
    problems.error('cilium.redirect', pointerToMissing(raw, 'spec', key), expected);
  }
  if (problems.diagnostics.length > 0) return null;
  const frontend = parseFrontend(field(spec, 'redirectFrontend'), meta.namespace, problems);
  const at = '/spec/redirectBackend';
  const selector = field(backend, 'localEndpointSelector');
  const pods = readLabelSelector(selector, 'pod', pointer(at, 'localEndpointSelector'), problems);
  const from = frontend === null ? [] : parsePorts(frontend.ports, frontend.at, false, problems);
  const isNamed = from.length > 1;
  const to = parsePorts(field(backend, 'toPorts'), pointer(at, 'toPorts'), isNamed, problems);
  if (to.length === 0) problems.error('cilium.redirect_ports', pointer(at, 'toPorts'), 'needs a port');
  if (from.length === 1 && to.length > 0 && from[0]?.protocol !== to[0]?.protocol) {
    const why = 'the first port must have the protocol of the port that is redirected';
    problems.error('cilium.redirect_protocol', pointer(at, 'toPorts', 0, 'protocol'), why);
  }
  if (frontend === null || problems.failed) return null;
  const sparesItsPods = field(spec, 'skipRedirectFromBackend') === true;
  return { namespace: meta.namespace, name: meta.name, frontend: frontend.found, from, pods, to, sparesItsPods };
}

/** What is wrong with the policies that there are. */
export function localRedirectProblems(env: CompileEnv): readonly Diagnostic[] {
  return env.aux(LOCAL_REDIRECT).flatMap((fact) => {
    const problems = new ProblemList(fact.meta);
    parseLocalRedirect(fact, problems);
    return problems.diagnostics;
  });
}

interface ParsedFrontend {
  readonly found: LocalRedirect['frontend'];
  readonly ports: Json | undefined;
  readonly at: string;
}

function parseFrontend(value: Json | undefined, namespace: string, problems: ProblemList): ParsedFrontend | null {
  const at = '/spec/redirectFrontend';
  const [service, address] = [field(value, 'serviceMatcher'), field(value, 'addressMatcher')];
  if (isObject(service) === isObject(address)) {
    problems.error('cilium.redirect_frontend', at, 'needs one of `serviceMatcher` and `addressMatcher`');
    return null;
  }
  return isObject(service)
    ? parseService(service, pointer(at, 'serviceMatcher'), namespace, problems)
    : parseAddress(address, pointer(at, 'addressMatcher'), problems);
}

function parseService(value: Json, at: string, namespace: string, problems: ProblemList): ParsedFrontend {
  const service = text(field(value, 'serviceName'));
  if (service === '') problems.error('cilium.redirect_service', pointer(at, 'serviceName'), 'needs a name');
  if (text(field(value, 'namespace')) !== namespace) {
    const why = 'must be the namespace of the policy';
    problems.error('cilium.redirect_namespace', pointer(at, 'namespace'), why);
  }
  return { found: { service }, ports: field(value, 'toPorts'), at: pointer(at, 'toPorts') };
}

function parseAddress(value: Json | undefined, at: string, problems: ProblemList): ParsedFrontend | null {
  const written = path(value, 'ip');
  const address = parseIp(text(written).trim());
  const ports = field(value, 'toPorts');
  if (list(ports).length === 0) problems.error('cilium.redirect_ports', pointer(at, 'toPorts'), 'needs a port');
  if (address !== null) return { found: { address }, ports, at: pointer(at, 'toPorts') };
  problems.error('cilium.redirect_address', pointer(at, 'ip'), `expected an address, found ${describe(written)}`);
  return null;
}

/** Of several each needs a name. */
function parsePorts(
  value: Json | undefined,
  at: string,
  mustBeNamed: boolean,
  problems: ProblemList,
): readonly RedirectPort[] {
  if (value !== undefined && !Array.isArray(value)) {
    problems.error('cilium.redirect_ports', at, `expected a list of ports, found ${describe(value)}`);
  }
  const ports = list(value);
  return ports.flatMap((entry, index): readonly RedirectPort[] => {
    const here = pointer(at, index);
    const [port, protocol] = [field(entry, 'port'), field(entry, 'protocol')];
    const name = text(field(entry, 'name')).toLowerCase();
    if (name === '' && (mustBeNamed || ports.length > 1)) {
      problems.error('cilium.redirect_port_name', here, 'needs a `name`, as there are several ports');
    }
    if (typeof port !== 'string' || !PORT.test(port)) {
      const expected = 'expected a number from 1 to 65535 as text';
      problems.error('cilium.redirect_port', pointer(here, 'port'), `${expected}, found ${describe(port)}`);
      return [];
    }
    if (typeof protocol !== 'string' || !Object.hasOwn(PROTOCOLS, protocol)) {
      const expected = 'expected TCP or UDP';
      problems.error('cilium.redirect_protocol', pointer(here, 'protocol'), `${expected}, found ${describe(protocol)}`);
      return [];
    }
    return [{ protocol: PROTOCOLS[protocol] as Protocol, port: Number(port), name }];
  });
}
