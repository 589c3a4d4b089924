export * from './connection-set.js';
export * from './connections-between.js';
