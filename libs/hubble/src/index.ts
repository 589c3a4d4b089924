export { RelayError, relayFlows } from './relay-source.js';
export type { RelayQuery, RelaySettings } from './relay-source.js';
