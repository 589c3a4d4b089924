// Ends a control plane whose owner is gone. An exit handler in the test process would not do: it does not run after a
// SIGKILL, and test runners give tests a copy of `process` whose exit event never fires. This small process notices either
// way, because its standard input closes with its owner.
//
// Usage: node guard.mjs DIRECTORY. Lines on standard input: "+PID" watch over this process, "-PID" it has ended.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const directory = process.argv[2];
const pids = new Set();

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) pids.add(pid);
  else pids.delete(pid);
}

for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
