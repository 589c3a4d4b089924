/** Does `work` every `everyMs`, one at a time, until stopped; stopping waits for the one that runs. */
export function repeat(everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    running = work().finally(() => {
      isRunning = false;
    });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
