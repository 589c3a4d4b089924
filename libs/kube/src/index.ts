export type { ChangeSource, KindPosition, SourceEvent, SourcePositions, SourceSink } from './source-event.js';
export { type KubeAccess, loadKubeConfig } from './kubeconfig.js';
export { KubeSource } from './kube-source.js';
export { WATCH_SETTINGS, type WatchSettings } from './watch-settings.js';
export { Backoff, type BackoffOptions, isAborted, pause } from './backoff.js';
export { clusterRoleYaml, clusterRulesYaml } from './cluster-role.js';
export { readRules } from './read-rules.js';
export { reviewToken, type ReviewedUser } from './token-review.js';
