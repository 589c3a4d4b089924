import { type DynamicModule, Module } from '@nestjs/common';
import type { Config } from './load-config.js';

/** Injection token of the process's `Config`. */
export const CONFIG = Symbol('CONFIG');

/** Gives `CONFIG` to every module. Import it once, at the root. */
@Module({})
export class ConfigModule {
  static forRoot(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}
