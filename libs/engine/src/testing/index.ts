export * from './facts.js';
export * from './policy-world.js';
