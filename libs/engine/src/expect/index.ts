export * from './assertion.js';
export * from './render-junit.js';
