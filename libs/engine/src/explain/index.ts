export * from './describe-decision.js';
export * from './rule-label.js';
