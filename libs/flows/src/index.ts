export { FlowCollector, readFlows, readingFlows } from './read-flows.js';
export type { FlowProblem, FlowsRead } from './read-flows.js';
