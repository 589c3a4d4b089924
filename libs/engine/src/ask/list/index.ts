export * from './connection-views.js';
export * from './connections-question.js';
export * from './read-connections-question.js';
