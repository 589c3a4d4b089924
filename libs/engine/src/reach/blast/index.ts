export * from './blast-radius.js';
export * from './landmarks.js';
