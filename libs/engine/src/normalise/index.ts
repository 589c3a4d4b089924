export { fieldManager } from './field-manager.js';
export * from './fact-hash.js';
export * from './normalise-object.js';
export * from './watched-kinds.js';
