export * from './addresses.js';
export * from './cluster.js';
export * from './verdict.js';
