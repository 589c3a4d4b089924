export { cniReport } from './cni-report.js';
export type { CniFeature, CniReport, IgnoredPolicies } from './cni-report.js';
export { CNI_IDS, isCniId } from './cni-id.js';
export type { CniId } from './cni-id.js';
export { CAPABILITY_TITLES, cniComparison, COLUMN_TITLES, comparedFeatures, ignoredKinds } from './comparison.js';
export type { CniComparisonRow, IgnoredKind } from './comparison.js';
export { detectCni, ENGINE_SEPARATOR } from './detect-cni.js';
export { lackingDiagnostic, lackingFields } from './lacking.js';
export type { LackingField } from './lacking.js';
export { nodeCacheAddresses } from './node-cache.js';
export type { CacheCandidate } from './node-cache.js';
export { nodeCni } from './node-cni.js';
export type { NodeAgent, NodeCni } from './node-cni.js';
export { CNI_PROFILES } from './profiles/index.js';
export { CAPABILITIES, COMPARISON_COLUMNS, ENCAPSULATED_BY_PODS, KIND_GROUPS } from './profile.js';
export type {
  Capability,
  CapabilityCell,
  CniProfile,
  ComparisonCell,
  ComparisonColumn,
  KindGroup,
  SemanticsDeviation,
  Vendor,
} from './profile.js';
export {
  deviationsOf,
  engineDetections,
  intendedSemantics,
  possibleSemantics,
  profilesOf,
  semanticsOf,
} from './semantics-of.js';
export type { EnforcedSemantics } from './semantics-of.js';
export { imageNames } from './version.js';
export { SPEC_SEMANTICS } from './spec-semantics.js';
