import { type DynamicModule, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigModule, loadConfig, type Config } from '#config';
import { createLog, Metrics, TelemetryModule, type Log } from '#telemetry';
import { ApiModule } from './api.module.js';
import { createHttpApplication } from './http/create-http-application.js';

/** The api role on its own. */
@Module({})
export class ApiApplicationModule {
  static forRoot(config: Config, log: Log, metrics: Metrics): DynamicModule {
    return {
      module: ApiApplicationModule,
      imports: [ConfigModule.forRoot(config), TelemetryModule.forRoot({ log, metrics }), ApiModule],
    };
  }
}

/** The api role, made but not listening. */
export async function createApi(config: Config, log: Log): Promise<NestFastifyApplication> {
  const metrics = new Metrics({ processMetrics: true });
  return createHttpApplication(ApiApplicationModule.forRoot(config, log, metrics), { log, metrics });
}

/** Starts the api role from the environment. What stops the start is logged and ends the process with status 1. */
export async function startApi(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const config = loadConfig(env, 'api');
    const log = createLog({ ...config.log, app: 'api' });
    const app = await createApi(config, log);
    await app.listen({ host: config.http.host, port: config.http.port });
    log.info('api is listening', { url: await app.getUrl() });
  } catch (error) {
    createLog({ level: 'info', format: 'json', app: 'api' }).error('api did not start', { error });
    // What was opened before the failure would keep the process running.
    process.exit(1);
  }
}
