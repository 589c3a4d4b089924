export * from './invariant.js';
export * from './json.js';
