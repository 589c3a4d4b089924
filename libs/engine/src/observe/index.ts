export * from './explain-flow.js';
export { asObserved, lastingFlows, lastingKey, seenAgain } from './lasting-flow.js';
export type { Lasting, LastingFlow, LastingPeer } from './lasting-flow.js';
export { observedFlow, placeFlows } from './place-flow.js';
export type { PlacedFlow, PlacedPeer } from './place-flow.js';
export * from './seen-flow.js';
