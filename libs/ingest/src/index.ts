export { ClusterRunner, type RunnerOptions } from './cluster-runner.js';
export { ClusterSupervisor, type SupervisorOptions } from './cluster-supervisor.js';
export { type BatchStore, IngestPipeline, type PipelineHooks } from './ingest-pipeline.js';
export { INGEST_SETTINGS, type IngestSettings } from './ingest-settings.js';
export { type ManifestOrigin, ManifestSource, type ManifestSourceOptions } from './manifest-source.js';
export { openSource, type OpenSourceOptions } from './open-source.js';
export { PendingBatch } from './pending-batch.js';
export type { PositionStore } from './position-keeper.js';
export type { ChangeSource, SourceEvent, SourceSink } from '#kube';
