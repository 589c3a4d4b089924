export * from './answer.js';
export * from './ask.js';
export * from './endpoint-groups.js';
export * from './near-names.js';
export * from './parse-peer.js';
export * from './question.js';
export * from './resolve-peer.js';
export * from './translate-service.js';
