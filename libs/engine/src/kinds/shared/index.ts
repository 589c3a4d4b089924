export * from './address-block.js';
export * from './label-selector.js';
export * from './placement.js';
export * from './subject.js';
