export { RelayError, relayFlows } from './relay-source.js';
