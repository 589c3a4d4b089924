export * from './explain-flow.js';
export * from './place-flow.js';
export * from './seen-flow.js';
