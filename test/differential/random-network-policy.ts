import type { Manifest } from './random-cluster.js';
import { randomBlock, randomInnerBlock, randomNamespaceSelector, randomSelector } from './random-selector.js';
import type { RandomSource } from './random-source.js';
import { KEYS, NAMESPACE_KEYS, PORT_NAMES, PORTS, PROTOCOLS } from './random-words.js';

function ipBlock(random: RandomSource, addresses: readonly string[]): Record<string, unknown> {
  const cidr = randomBlock(random, addresses);
  const except = random.chance(0.5) ? random.several(1, 2, () => randomInnerBlock(random, cidr, addresses)) : [];
  const inner = except.filter((block) => block !== null).map((block) => oddly(random, block));
  const written = oddly(random, cidr);
  return { ipBlock: inner.length > 0 ? { cidr: written, except: inner } : { cidr: written } };
}

/** Now and then with a zero before a number, as old objects may have it. */
function oddly(random: RandomSource, block: string): string {
  if (block.includes(':') || !random.chance(0.2)) return block;
  return random.chance(0.3) ? block.replace('/', '/0') : `0${block}`;
}

function peer(random: RandomSource, addresses: readonly string[]): Record<string, unknown> {
  switch (random.between(0, 3)) {
    case 0:
      return { podSelector: randomSelector(random, KEYS) };
    case 1:
      return { namespaceSelector: randomNamespaceSelector(random, NAMESPACE_KEYS) };
    case 2:
      return {
        podSelector: randomSelector(random, KEYS),
        namespaceSelector: randomNamespaceSelector(random, NAMESPACE_KEYS),
      };
    default:
      return ipBlock(random, addresses);
  }
}

function port(random: RandomSource): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (random.chance(0.6)) out['protocol'] = random.pick(PROTOCOLS);
  const form = random.between(0, 4);
  if (form === 0) return out;
  if (form === 1) out['port'] = random.pick(PORT_NAMES);
  else out['port'] = random.pick(PORTS);
  if (form >= 3) {
    const first = Number(out['port']);
    out['endPort'] = Math.min(65535, first + random.pick([0, 1, 400, 60000]));
  }
  return out;
}

/** One rule of a direction: any of its parts may be there, be empty, or be left out. */
export function randomRule(
  random: RandomSource,
  field: 'from' | 'to',
  addresses: readonly string[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const peers = random.next();
  if (peers < 0.1) out[field] = [];
  else if (peers < 0.2) out[field] = random.several(2, 3, () => ipBlock(random, addresses));
  else if (peers < 0.85) out[field] = random.several(1, 3, () => peer(random, addresses));
  const ports = random.next();
  if (ports > 0.9) out['ports'] = random.several(1, 3, () => ({ port: random.pick(PORT_NAMES) }));
  else if (ports < 0.1) out['ports'] = [];
  else if (ports < 0.6) out['ports'] = random.several(1, 3, () => port(random));
  return out;
}

/** A valid NetworkPolicy; every field of its spec may be there, be empty, or be left out. */
export function randomNetworkPolicy(
  random: RandomSource,
  name: string,
  namespace: string,
  addresses: readonly string[],
): Manifest {
  const spec: Record<string, unknown> = {};
  if (random.chance(0.9)) spec['podSelector'] = randomSelector(random, KEYS);
  if (random.chance(0.7)) spec['policyTypes'] = random.some(['Ingress', 'Egress'], 1, 2);
  if (random.chance(0.75)) spec['ingress'] = random.several(0, 3, () => randomRule(random, 'from', addresses));
  if (random.chance(0.6)) spec['egress'] = random.several(0, 3, () => randomRule(random, 'to', addresses));
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}
