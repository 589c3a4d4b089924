export * from './address-atoms.js';
export * from './exposure.js';
export * from './hypothetical-peer.js';
export * from './peer-connections.js';
export * from './selector-implication.js';
export * from './explain-connections.js';
