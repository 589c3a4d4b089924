export * from './bit-row.js';
export * from './class-table.js';
export * from './count-pairs.js';
export * from './port-classes.js';
export * from './reach-matrix.js';
export { relevanceOf } from './relevance.js';
export type { Relevance } from './relevance.js';
