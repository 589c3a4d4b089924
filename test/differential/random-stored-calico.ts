import type { Manifest } from './random-cluster.js';
import type { RandomSource } from './random-source.js';

type Fields = Readonly<Record<string, unknown>>;

/** What the API never takes, and what may lie in the store all the same. */
const NO_BLOCKS = ['nonsense', '10.0.0.0/33', '010.0.0.0/8', '10.0.0', '2001:db8::/129', '10.0.0.0/8/8'] as const;

/** A block with bits beyond its prefix: the same length around any address of its family. */
export function withBits(random: RandomSource, block: string, addresses: readonly string[]): string {
  const [base = '', length = ''] = block.split('/');
  const own = addresses.filter((address) => address.includes(':') === base.includes(':'));
  return `${random.pick(own)}/${length}`;
}

function storedSide(random: RandomSource, side: Fields, addresses: readonly string[]): Fields {
  const spoilt = (field: string): Fields => {
    const nets = side[field] as readonly string[] | undefined;
    if (nets === undefined) return {};
    const written = nets.map((net) => (random.chance(0.5) ? withBits(random, net, addresses) : net));
    if (random.chance(0.3)) return { [field]: [random.pick(NO_BLOCKS)] };
    return { [field]: random.chance(0.3) ? [...written, random.pick(NO_BLOCKS)] : written };
  };
  return { ...side, ...spoilt('nets'), ...spoilt('notNets') };
}

/** A policy as Felix finds it in the store: named with its tier, and with blocks that nobody has checked. */
export function asStored(random: RandomSource, manifest: Manifest, addresses: readonly string[]): Manifest {
  const { kind, metadata, spec } = manifest as { kind: string; metadata: { name: string }; spec: Fields };
  if (kind !== 'NetworkPolicy' && kind !== 'GlobalNetworkPolicy') return manifest;
  const rules = (direction: string): Fields => {
    const listed = spec[direction] as readonly Fields[] | undefined;
    if (listed === undefined) return {};
    const stored = listed.map((rule): Fields => {
      const side = (name: string): Fields =>
        name in rule ? { [name]: storedSide(random, rule[name] as Fields, addresses) } : {};
      return { ...rule, ...side('source'), ...side('destination') };
    });
    return { [direction]: stored };
  };
  const name = 'tier' in spec ? metadata.name : `default.${metadata.name}`;
  return {
    apiVersion: 'crd.projectcalico.org/v1',
    kind,
    metadata: { ...metadata, name },
    spec: { ...spec, ...rules('ingress'), ...rules('egress') },
  };
}
