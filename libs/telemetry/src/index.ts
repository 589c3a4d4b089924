export { giveBackMemoryWhenQuiet } from './give-back-memory.js';
export { HealthRegistry } from './health.js';
export type { HealthCheck, HealthReport } from './health.js';
export { createLog, silentLog } from './log.js';
export type { Log, LogFields, LogOptions } from './log.js';
export { Metrics } from './metrics.js';
export { NestLog } from './nest-log.js';
export { currentRequest, requestIdFrom, runInRequest, traceIdFrom, type RequestContext } from './request-context.js';
export { LOG, TelemetryModule } from './telemetry.module.js';
