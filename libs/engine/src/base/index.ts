export * from './counted.js';
export * from './finish.js';
export * from './invariant.js';
export * from './json.js';
export * from './linear-pattern.js';
export * from './partition.js';
export * from './push-to.js';
export * from './value-map.js';
