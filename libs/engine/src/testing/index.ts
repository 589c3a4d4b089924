export * from './antrea.js';
export * from './calico.js';
export * from './facts.js';
export * from './known-cni.js';
export * from './policy-world.js';
export * from './resolve-pointer.js';
export * from './sample-objects.js';
export * from './seen-flow.js';
