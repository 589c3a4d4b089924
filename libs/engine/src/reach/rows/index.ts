export * from './reach-rows.js';
export * from './refine-ports.js';
export * from './refine-tables.js';
export * from './row-table.js';
