export * from './connection-set.js';
export * from './connections-between.js';
export * from './exposure/index.js';
export * from './matrix/index.js';
