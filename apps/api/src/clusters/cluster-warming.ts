import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SnapshotWarming } from '#analysis';

/** Of the roles this one answers people, so it compiles what they are likely to ask about. Its start does not wait for that. */
@Injectable()
export class ClusterWarming implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(SnapshotWarming) private readonly warming: SnapshotWarming) {}

  onApplicationBootstrap(): void {
    this.warming.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.warming.stop();
  }
}
