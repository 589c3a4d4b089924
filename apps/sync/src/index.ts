export { createSync } from './start-sync.js';
export { SyncModule } from './sync.module.js';
