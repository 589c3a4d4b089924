export * from './connectivity-diff.js';
export * from './containment.js';
