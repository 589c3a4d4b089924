export * from './judge-probes.js';
export * from './probe-plan.js';
export * from './shell.js';
