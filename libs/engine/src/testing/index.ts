export * from './calico.js';
export * from './facts.js';
export * from './policy-world.js';
