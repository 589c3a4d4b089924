export * from './cross-cluster.js';
