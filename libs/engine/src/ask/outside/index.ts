export { entryObjects, proxiesOf } from './entry-objects.js';
export type { EntryObject } from './entry-objects.js';
export * from './entry-points.js';
export * from './exposure-view.js';
