export type { ManifestFile, ManifestLimits, ManifestObject, ManifestSet } from './manifest-set.js';
export { MANIFEST_LIMITS } from './manifest-set.js';
export { listFolder, reason } from './folder.source.js';
export { type ManifestInput, readManifests } from './read-manifests.js';
export { type ManifestFacts, manifestFacts } from './manifest-facts.js';
export { readAssertions, type AssertionFile } from './read-assertions.js';
export { podOfVirtualMachine } from './virtual-machine.js';
