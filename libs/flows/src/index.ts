export { FlowCollector, readFlows } from './read-flows.js';
export type { FlowProblem, FlowsRead } from './read-flows.js';
