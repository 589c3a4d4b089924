export * from './apply-changes.js';
export * from './drift-report.js';
export * from './drift-summary.js';
export * from './drift-view.js';
export * from './flow-impact.js';
export * from './render-drift.js';
export * from './two-places.js';
export * from './visible-drift.js';
