import { field, list, pointer, pointerToMissing, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { AuxFact, ContainerPort, Labels } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import { ProblemList } from '../../normalise/problem-list.js';
import { calicoMeta } from './calico-meta.js';
import { netOf, readNets } from './fields.parse.js';
import { knownProtocol, PORT_PROTOCOLS } from './ports.parse.js';

export const HOST_ENDPOINT = 'HostEndpoint.projectcalico.org';
/** All interfaces of a host that belong to no workload. */
export const EVERY_INTERFACE = '*';
const INTERFACE = /^(\*|[a-zA-Z0-9_.-]{1,15})$/;

export type NamedPort = Pick<ContainerPort, 'name' | 'protocol' | 'port'>;

/** An interface of a host that policy applies to, or all of the host's that belong to no workload. */
export interface HostEndpoint {
  readonly name: string;
  readonly node: string;
  /** `*`, an interface's name, or '' when `expectedIPs` names it. */
  readonly interfaceName: string;
  /** As blocks of one address. */
  readonly expectedIps: readonly string[];
  readonly labels: Labels;
  readonly profiles: readonly string[];
  /** What names of ports mean at its addresses. */
  readonly ports: readonly NamedPort[];
}

/** Those that are not refused. (CAL-3) */
export function readHostEndpoints(facts: readonly AuxFact[]): readonly HostEndpoint[] {
  return facts.filter(isAccepted).map(readHostEndpoint);
}

function isAccepted(fact: AuxFact): boolean {
  const problems = new ProblemList(fact.meta);
  checkHostEndpoint(fact, problems);
  return !problems.failed;
}

function readHostEndpoint(fact: AuxFact): HostEndpoint {
  const spec = field(fact.raw, 'spec');
  const { labels } = calicoMeta(fact.meta);
  return {
    name: fact.meta.name,
    node: text(field(spec, 'node')),
    interfaceName: text(field(spec, 'interfaceName')),
    expectedIps: list(field(spec, 'expectedIPs'))
      .map((ip) => netOf(text(ip)))
      .filter((ip) => ip !== null),
    labels,
    profiles: list(field(spec, 'profiles')).map(text),
    ports: list(field(spec, 'ports')).flatMap(readNamedPort),
  };
}

function readNamedPort(raw: Json): readonly NamedPort[] {
  const port = field(raw, 'port');
  const protocol = knownProtocol(field(raw, 'protocol') ?? 'TCP');
  return typeof port === 'number' && protocol !== null ? [{ name: text(field(raw, 'name')), protocol, port }] : [];
}

/** What the API server refuses in one; Felix then takes it for missing. (CAL-3) */
export function checkHostEndpoint(fact: AuxFact, problems: ProblemList): void {
  const spec = field(fact.raw, 'spec');
  if (text(field(spec, 'node')) === '') {
    problems.error('calico.host_node', pointerToMissing(fact.raw, 'spec', 'node'), "expected the host's name");
  }
  const name = field(spec, 'interfaceName') ?? '';
  const addresses = list(field(spec, 'expectedIPs'));
  if (name === '' && addresses.length === 0) {
    problems.error('calico.host_interface', '/spec', 'a host endpoint needs `interfaceName` or `expectedIPs`');
  } else if (name !== '' && !INTERFACE.test(text(name))) {
    const expected = 'expected `*` or the name of an interface, of at most 15 characters';
    problems.error('calico.host_interface', '/spec/interfaceName', `${expected}, found ${describe(name)}`);
  }
  readNets(addresses, pointer('/spec', 'expectedIPs'), problems);
  for (const [index, port] of list(field(spec, 'ports')).entries()) {
    checkNamedPort(port, pointer('/spec/ports', index), problems);
  }
}

function checkNamedPort(port: Json, at: string, problems: ProblemList): void {
  if (text(field(port, 'name')) === '') problems.error('calico.host_port', at, 'a port needs a `name`');
  const protocol = field(port, 'protocol');
  if (protocol === undefined || PORT_PROTOCOLS.includes(knownProtocol(protocol) ?? 0)) return;
  const expected = `expected TCP, UDP or SCTP, found ${describe(protocol)}`;
  problems.error('calico.host_port', pointer(at, 'protocol'), expected);
}
