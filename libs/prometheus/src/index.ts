export { PrometheusSource } from './prometheus-source.js';
export type { PrometheusSettings } from './prometheus-source.js';
