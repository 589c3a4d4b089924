import { type DynamicModule, Module } from '@nestjs/common';
import { HealthRegistry } from './health.js';
import type { Log } from './log.js';
import { Metrics } from './metrics.js';

/** Injection token of the process's `Log`. */
export const LOG = Symbol('LOG');

export interface TelemetryOptions {
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly health?: HealthRegistry;
}

/** Gives `LOG`, `Metrics` and `HealthRegistry` to every module. Import it once, at the root. */
@Module({})
export class TelemetryModule {
  static forRoot(options: TelemetryOptions): DynamicModule {
    return {
      module: TelemetryModule,
      global: true,
      providers: [
        { provide: LOG, useValue: options.log },
        { provide: Metrics, useValue: options.metrics ?? new Metrics({ processMetrics: true }) },
        { provide: HealthRegistry, useValue: options.health ?? new HealthRegistry() },
      ],
      exports: [LOG, Metrics, HealthRegistry],
    };
  }
}
