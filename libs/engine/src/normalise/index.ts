export { fieldManager } from './field-manager.js';
export * from './hash-text.js';
export * from './normalise-object.js';
export * from './watched-kinds.js';
