export { entryObjects } from './entry-objects.js';
export type { EntryObject } from './entry-objects.js';
export * from './entry-points.js';
export * from './exposure-view.js';
export { publishedPorts } from './host-ports.js';
export * from './ingress-targets.js';
export { INGRESS_CONTROLLER, proxiesOf } from './proxies.js';
