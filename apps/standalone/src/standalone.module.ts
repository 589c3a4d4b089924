import { type DynamicModule, Module } from '@nestjs/common';

import { ConfigModule, type Config } from '#config';
import { TelemetryModule, type Log, type Metrics } from '#telemetry';

import { ApiModule } from '../../api/src/api.module.js';
import { SyncModule } from '../../sync/src/sync.module.js';
import { WorkerModule } from '../../worker/src/worker.module.js';

/** All three roles in one process. */
@Module({})
export class StandaloneModule {
  static forRoot(config: Config, log: Log, metrics: Metrics): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        ConfigModule.forRoot(config),
        TelemetryModule.forRoot({ log, metrics }),
        ApiModule,
        SyncModule,
        WorkerModule,
      ],
    };
  }
}
