export { idleRules } from './idle-rules.js';
export type { IdleRule, IdleRules } from './idle-rules.js';
