import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, loadConfig, type Config } from '#config';
import { createLog, NestLog, TelemetryModule, type Log } from '#telemetry';
import { SyncModule } from './sync.module.js';

/** The sync role on its own. */
@Module({})
export class SyncApplicationModule {
  static forRoot(config: Config, log: Log): DynamicModule {
    return {
      module: SyncApplicationModule,
      imports: [ConfigModule.forRoot(config), TelemetryModule.forRoot({ log }), SyncModule],
    };
  }
}

/** The sync role, reading clusters until it is closed. */
export async function createSync(config: Config, log: Log): Promise<INestApplicationContext> {
  const settings = { logger: new NestLog(log), abortOnError: false };
  const root = SyncApplicationModule.forRoot(config, log);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(root, settings);
  return app.enableShutdownHooks();
}

/** Starts the sync role from the environment. What stops the start is logged and ends the process with status 1. */
export async function startSync(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const config = loadConfig(env, 'sync');
    const log = createLog({ ...config.log, app: 'sync' });
    await createSync(config, log);
    log.info('sync is running');
  } catch (error) {
    createLog({ level: 'info', format: 'json', app: 'sync' }).error('sync did not start', { error });
    process.exitCode = 1;
  }
}
