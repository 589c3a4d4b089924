import type { Transferable, Worker } from 'node:worker_threads';

type Told<A> = { readonly id: number } & ({ readonly answer: A } | { readonly error: string });

interface Waiting<A> {
  resolve(answer: A): void;
  reject(error: Error): void;
}

/**
 * A thread for work that takes longer than a request may hold the one that answers. It is started by the first question,
 * starts anew after an error of its own, and does not keep the process alive. Of `{ id, question }` it makes
 * `{ id, answer }` or `{ id, error }`.
 */
export class Aside<Q, A> {
  private worker: Worker | null = null;
  private lastId = 0;
  private readonly waiting = new Map<number, Waiting<A>>();

  constructor(private readonly start: () => Worker) {}

  /** What is in `transfer` goes to the thread as it is, and is gone here. */
  ask(question: Q, transfer: readonly Transferable[] = []): Promise<A> {
    const thread = (this.worker ??= this.startWorker());
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      thread.ref();
      thread.postMessage({ id, question }, transfer);
    });
  }

  private startWorker(): Worker {
    const thread = this.start();
    thread.on('message', (told: Told<A>) => {
      const asked = this.waiting.get(told.id);
      this.waiting.delete(told.id);
      if (this.waiting.size === 0) thread.unref();
      if ('error' in told) asked?.reject(new Error(told.error));
      else asked?.resolve(told.answer);
    });
    thread.on('error', (error: Error) => {
      this.worker = null;
      for (const asked of this.waiting.values()) asked.reject(error);
      this.waiting.clear();
    });
    return thread;
  }
}
