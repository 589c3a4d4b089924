export * from './decision.js';
export * from './diagnostic.js';
export * from './fact.js';
export * from './object.js';
export * from './policy.js';
export * from './profile.js';
export * from './protocol.js';
export * from './selector.js';
