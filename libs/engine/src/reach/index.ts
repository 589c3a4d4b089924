export * from './connection-set.js';
export * from './connections-between.js';
export * from './exposure/index.js';
export * from './list/index.js';
export * from './matrix/index.js';
export * from './rows/index.js';
export * from './blast/index.js';
export * from './rules/index.js';
