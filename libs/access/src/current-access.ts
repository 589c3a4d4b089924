import { AsyncLocalStorage } from 'node:async_hooks';
import { systemAccess, type Access } from './access.js';

const storage = new AsyncLocalStorage<Access>();

/** Runs `work` with an access; everything it calls or awaits reads facts by it. */
export function runWithAccess<T>(access: Access, work: () => T): T {
  return storage.run(access, work);
}

/** Runs work of the service itself, which sees everything. `name` says which, in logs. */
export function runAsSystem<T>(name: string, work: () => T): T {
  return storage.run(systemAccess(name), work);
}

/**
 * The access that facts are read by. Throws where there is none: showing nothing would hide the mistake, and showing
 * everything would be one.
 */
export function currentAccess(): Access {
  const access = storage.getStore();
  if (access !== undefined) return access;
  throw new Error('invariant: facts are read with no access, use runWithAccess for a caller or runAsSystem for a task');
}

/** Calls `next`, `return` and `throw` of an async iterator with the access, wherever they are called from. */
export function iterateWithAccess<T>(access: Access, iterator: AsyncIterator<T>): AsyncIterableIterator<T> {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => runWithAccess(access, () => iterator.next()),
    return: (value?: unknown) =>
      runWithAccess(access, () => iterator.return?.(value) ?? Promise.resolve({ done: true, value })),
    throw: (error?: unknown) => runWithAccess(access, () => iterator.throw?.(error) ?? Promise.reject(error as Error)),
  };
}
