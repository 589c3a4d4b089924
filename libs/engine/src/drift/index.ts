export * from './connectivity-diff.js';
export * from './containment.js';
export * from './object-drift.js';
export * from './reachability-drift.js';
