export * from './fact-hash.js';
export * from './normalise-object.js';
export * from './watched-kinds.js';
