export * from './entry-points.js';
export * from './exposure-view.js';
