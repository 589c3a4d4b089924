import { field, list, text } from '../base/index.js';
import type { Json, JsonObject } from '../base/index.js';

/**
 * What is kept of a CiliumEnvoyConfig: the listeners' names, and of each filter chain the port it is for and the names
 * of its filters. Everything else, which may hold keys and certificates, is dropped.
 */
export function listenersOnly(raw: JsonObject): JsonObject {
  const resources = list(field(field(raw, 'spec'), 'resources')).filter((resource) =>
    text(field(resource, '@type')).endsWith('.Listener'),
  );
  return { spec: { resources: resources.map(readListener) } };
}

function readListener(listener: Json): JsonObject {
  const chains = list(field(listener, 'filter_chains') ?? field(listener, 'filterChains'));
  return {
    '@type': text(field(listener, '@type')),
    name: text(field(listener, 'name')),
    filterChains: chains.map(readChain),
  };
}

function readChain(chain: Json): JsonObject {
  const match = field(chain, 'filter_chain_match') ?? field(chain, 'filterChainMatch');
  const port = field(match, 'destination_port') ?? field(match, 'destinationPort');
  const filters = list(field(chain, 'filters')).map((filter) => ({ name: text(field(filter, 'name')) }));
  return { filterChainMatch: typeof port === 'number' ? { destinationPort: port } : {}, filters };
}
