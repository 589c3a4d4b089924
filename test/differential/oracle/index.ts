export * from './addresses.js';
export * from './cluster.js';
export { leadsToMachines } from './istio-mesh.js';
export type { Request } from './network-policy.js';
export * from './services.js';
export * from './verdict.js';
export * from './ways-in.js';
