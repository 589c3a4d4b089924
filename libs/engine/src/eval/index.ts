export * from './evaluate-direction.js';
export * from './evaluate-flow.js';
export * from './evaluate-pair.js';
export * from './flow.js';
export { isSelected } from './is-selected.js';
export { describeLimit } from './match-condition.js';
export { describePorts, matchPorts } from './match-ports.js';
