export { CONFIG, ConfigModule } from './config.module.js';
export { decodeKey, envSchema } from './env.schema.js';
export { loadConfig } from './load-config.js';
export type { AppName, Config, LogLevel } from './load-config.js';
export { Secret } from './secret.js';
