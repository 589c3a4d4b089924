export * from './drift-report.js';
export * from './drift-summary.js';
export * from './drift-view.js';
export * from './visible-drift.js';
