export * from './describe-decision.js';
export * from './render-text.js';
export * from './rule-label.js';
