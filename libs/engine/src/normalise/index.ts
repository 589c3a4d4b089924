export { fieldManager } from './field-manager.js';
export * from './hash-text.js';
export { MESH_REVISION, MESH_WEBHOOK, meshConfigName } from './mesh-revisions.js';
export * from './normalise-object.js';
export * from './watched-kinds.js';
