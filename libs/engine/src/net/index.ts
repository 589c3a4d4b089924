export * from './ip.js';
export * from './ranges.js';
