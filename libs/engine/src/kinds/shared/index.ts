export * from './address-block.js';
export * from './bind-entry.js';
export * from './identity-label-test.js';
export * from './identity-selector.js';
export * from './label-selector.js';
export * from './placement.js';
export * from './subject.js';
export * from './static-labels.js';
