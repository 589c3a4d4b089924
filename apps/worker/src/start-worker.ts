import type { INestApplicationContext } from '@nestjs/common';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, loadConfig, type Config } from '#config';
import { createLog, NestLog, TelemetryModule, type Log } from '#telemetry';
import { WorkerModule } from './worker.module.js';

/** The worker role on its own. */
@Module({})
export class WorkerApplicationModule {
  static forRoot(config: Config, log: Log): DynamicModule {
    return {
      module: WorkerApplicationModule,
      imports: [ConfigModule.forRoot(config), TelemetryModule.forRoot({ log }), WorkerModule],
    };
  }
}

/** The worker role, running its jobs until it is closed. */
export async function createWorker(config: Config, log: Log): Promise<INestApplicationContext> {
  const settings = { logger: new NestLog(log), abortOnError: false };
  const root = WorkerApplicationModule.forRoot(config, log);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(root, settings);
  return app.enableShutdownHooks();
}

/** Starts the worker role from the environment. What stops the start is logged and ends the process with status 1. */
export async function startWorker(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const config = loadConfig(env, 'worker');
    const log = createLog({ ...config.log, app: 'worker' });
    await createWorker(config, log);
    log.info('worker is running');
  } catch (error) {
    createLog({ level: 'info', format: 'json', app: 'worker' }).error('worker did not start', { error });
    // What was opened before the failure would keep the process running.
    process.exit(1);
  }
}
