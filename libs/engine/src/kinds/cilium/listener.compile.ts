import { field, list, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { TCP } from '../../model/index.js';
import type { Condition, PortMatch } from '../../model/index.js';
import type { CiliumContext } from './cilium.context.js';
import type { RawListener } from './cilium.raw.js';
import type { PortVariant } from './ports.compile.js';

/**
 * A port rule that sends connections to an Envoy listener of the user's. Connections are accepted and go to the filter
 * chain for their port; without one Envoy closes them. A chain that only forwards (`tcp_proxy`) lets everything pass,
 * what others do is not evaluated.
 */
export function compileListener(
  listener: RawListener,
  matches: readonly PortMatch[],
  context: CiliumContext,
): PortVariant[] {
  const ports = { include: matches, except: [] };
  const chains = findChains(listener, context);
  if (chains === null) {
    const what = `listener \`${listener.name}\` of ${listener.kind} \`${listener.config}\` is not in the inventory`;
    return [{ ports, open: [], conditions: [{ type: 'unsupported', what }], redirects: true }];
  }
  const opaque: Condition = { type: 'unsupported', what: `filters of listener \`${listener.name}\` are not evaluated` };
  const out: PortVariant[] = [];
  for (const chain of chains) {
    const include = chain.port === null ? [...matches] : onePort(matches, chain.port);
    const conditions = chain.forwardsOnly ? [] : [opaque];
    if (include.length > 0) out.push({ ports: { include, except: [] }, open: [], conditions, redirects: true });
  }
  if (chains.every((chain) => chain.port !== null)) {
    const rules = [{ fields: { listener: [{ op: 'exact', value: listener.name }] } }] as const;
    out.push({ ports, open: [], conditions: [{ type: 'l7', protocol: 'envoy', rules }], redirects: true });
  }
  return out;
}

interface Chain {
  /** null: connections to any port. */
  readonly port: number | null;
  readonly forwardsOnly: boolean;
}

function findChains(listener: RawListener, context: CiliumContext): Chain[] | null {
  const config = context.env
    .aux(`${listener.kind}.cilium.io`)
    .find((aux) => aux.meta.name === listener.config && ['', context.namespace].includes(aux.meta.namespace));
  const found = list(field(field(config?.raw, 'spec'), 'resources')).find(
    (resource) => text(field(resource, '@type')).endsWith('.Listener') && field(resource, 'name') === listener.name,
  );
  if (found === undefined) return null;
  return list(either(found, 'filter_chains', 'filterChains')).map(readChain);
}

function readChain(chain: Json): Chain {
  const match = either(chain, 'filter_chain_match', 'filterChainMatch');
  const port = either(match, 'destination_port', 'destinationPort');
  const filters = list(field(chain, 'filters')).map((filter) => text(field(filter, 'name')));
  return {
    port: typeof port === 'number' ? port : null,
    forwardsOnly: filters.length > 0 && filters.every((name) => name === 'envoy.filters.network.tcp_proxy'),
  };
}

/** Envoy's configuration is accepted in snake case and in camel case. */
function either(value: Json | undefined, snake: string, camel: string): Json | undefined {
  return field(value, snake) ?? field(value, camel);
}

/** The part of `matches` that is one TCP port. */
function onePort(matches: readonly PortMatch[], port: number): PortMatch[] {
  const covered = matches.some(
    (match) =>
      match.protocol === TCP &&
      (match.type === 'protocol' || (match.type === 'range' && match.from <= port && port <= match.to)),
  );
  return covered ? [{ type: 'range', protocol: TCP, from: port, to: port }] : [];
}
