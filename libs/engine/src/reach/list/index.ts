export * from './connection-list.js';
export * from './list-peers.js';
