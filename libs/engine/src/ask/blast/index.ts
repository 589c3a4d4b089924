export * from './blast-view.js';
