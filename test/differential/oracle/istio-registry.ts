import { blockContains } from './addresses.js';
import { namespaceOf, type OraclePod } from './cluster.js';
import { get, items, str } from './fields.js';
import { configOf, isExported, machineLabels, objectsOf, ofSome, textMatches, type Told } from './istio-mesh.js';
import { isListed, sidecarFor } from './istio-listeners.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

/** What an entry does with what goes to a port of it. */
interface Way {
  readonly lets: Told;
  /** Whether it is for all addresses, and whether it then sends all to its endpoints. */
  readonly isWide: boolean;
  readonly isTaking: boolean;
}

/** IM-50: whether ServiceEntries let the client go to an address outside. */
export function isRegistered(source: OraclePod, scene: Scene): Told {
  const { port } = scene.packet;
  const { exportTo } = configOf(scene);
  const sidecar = sidecarFor(source, scene);
  const ways = objectsOf('ServiceEntry', scene).flatMap((entry): readonly Way[] => {
    const home = namespaceOf(entry);
    const targets = items(get(entry, 'spec', 'exportTo')).map(str);
    if (!isExported(targets, home, exportTo.Service, source.namespace)) return [];
    const listed = isListed(sidecar, items(get(entry, 'spec', 'hosts')).map(str), home, source, port ?? 0);
    if (listed === 'no') return [];
    const own = items(get(entry, 'spec', 'ports')).filter((one) => get(one, 'number') === port);
    const found = own.map((one) => wayOf(entry, one, scene));
    return listed === 'open' ? found.map((way): Way => ({ ...way, lets: 'open' })) : found;
  });
  const wide = ways.filter(({ isWide }) => isWide);
  const isContested = wide.length > 1 && wide.some(({ isTaking }) => isTaking);
  return ofSome(ways.map(({ lets, isWide }) => (isWide && isContested ? 'open' : lets)));
}

/** A host or the ending of names, of any depth. */
function isNamed(hosts: readonly string[], scene: Scene): Told {
  const { destination } = scene.packet;
  // A name may be that of a node.
  if (destination.type !== 'outside' || destination.hostName === undefined) return 'open';
  const { hostName } = destination;
  return hosts.some((host) => textMatches(host, hostName)) ? 'yes' : 'no';
}

function isAt(blocks: readonly string[], { packet }: Scene): boolean {
  const { destinationAddress } = packet;
  return destinationAddress !== null && blocks.some((block) => blockContains(block, destinationAddress));
}

function wayOf(entry: unknown, port: unknown, scene: Scene): Way {
  const blocks = items(get(entry, 'spec', 'addresses')).map(str);
  const hosts = items(get(entry, 'spec', 'hosts')).map(str);
  const resolution = str(get(entry, 'spec', 'resolution')) || 'NONE';
  const way = (lets: Told, isWide = false, isTaking = false): Way => ({ lets, isWide, isTaking });
  const doubted = (lets: Told): Told => (lets === 'no' ? 'no' : 'open');
  const named = isNamed(hosts, scene);
  switch (str(get(port, 'protocol'))) {
    case 'HTTP':
      return way(named);
    case 'TLS':
      return way(blocks.length === 0 ? named : doubted(named));
  }
  if (resolution === 'NONE') {
    if (blocks.length === 0) return way('yes', true);
    return way(isAt(blocks, scene) ? 'yes' : 'no');
  }
  const number = get(port, 'number');
  const ends = items(get(entry, 'spec', 'endpoints')).map((one): readonly [Told, boolean] => {
    const told = get(one, 'ports', str(get(port, 'name'))) ?? get(port, 'targetPort') ?? number;
    return [isAt([str(get(one, 'address'))], scene) ? 'yes' : 'no', told === number];
  });
  const isSamePort = (get(port, 'targetPort') ?? number) === number;
  const selector = get(entry, 'spec', 'workloadSelector');
  const chosen = objectsOf('WorkloadEntry', scene).filter(
    (one) =>
      selector !== undefined &&
      namespaceOf(one) === namespaceOf(entry) &&
      selectorMatches({ matchLabels: get(selector, 'labels') }, machineLabels(one)),
  );
  for (const one of chosen) {
    const told = get(one, 'spec', 'ports', str(get(port, 'name'))) ?? get(port, 'targetPort') ?? number;
    ends.push([isAt([str(get(one, 'spec', 'address'))], scene) ? 'yes' : 'no', told === number]);
  }
  if (resolution === 'DNS') ends.push([named, isSamePort]);
  if (blocks.length > 0) {
    if (resolution === 'DNS') return way('open');
    const reached = ofSome(ends.map(([there]) => there));
    return way(isAt(blocks, scene) ? 'open' : doubted(reached));
  }
  return way(ofSome(ends.map(([there, same]) => (same ? there : doubted(there)))), true, true);
}
