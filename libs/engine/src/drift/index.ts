export * from './containment.js';
export * from './object-drift.js';
export * from './reachability-drift.js';
export type { MatchBy } from './match-endpoints.js';
export * from './isolation.js';
