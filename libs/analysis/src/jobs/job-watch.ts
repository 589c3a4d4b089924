import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { JOB_CHANNEL } from '#contracts';
import { Database } from '#store';

/** Hears that jobs have moved, whichever process moved them. A missed word costs time only: who waits looks again. */
@Injectable()
export class JobWatch implements OnModuleInit, BeforeApplicationShutdown {
  private readonly listeners = new Map<string, Set<() => void>>();
  private stop: () => Promise<void> = () => Promise.resolve();
  private isStopped = false;

  constructor(@Inject(Database) private readonly database: Database) {}

  async onModuleInit(): Promise<void> {
    this.stop = await this.database.listen(JOB_CHANNEL, (id) => {
      this.tell(id);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    for (const id of [...this.listeners.keys()]) this.tell(id);
    await this.stop();
  }

  /** True once the process is about to end: streams should end too. */
  get stopping(): boolean {
    return this.isStopped;
  }

  /**
   * Notes from now on whether the job moves. `moved` resolves at the first move since `watch` or since it last resolved,
   * or after `timeoutMs`; so a row that is read between two waits is never older than what was waited for.
   */
  watch(id: string): { moved(timeoutMs: number): Promise<void>; close(): void } {
    let hasMoved = false;
    let wake = (): void => undefined;
    const listener = (): void => {
      hasMoved = true;
      wake();
    };
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return {
      moved: async (timeoutMs) => {
        if (!hasMoved && !this.isStopped) await this.wait(timeoutMs, (resolve) => (wake = resolve));
        hasMoved = false;
      },
      close: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.listeners.delete(id);
        wake();
      },
    };
  }

  private wait(timeoutMs: number, onWake: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      onWake(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private tell(id: string): void {
    for (const listener of [...(this.listeners.get(id) ?? [])]) listener();
  }
}
