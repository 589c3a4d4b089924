import { createServer } from 'node:net';

import { AppError } from '#contracts';

/**
 * Finds out before anything is started whether the address can be listened on.
 * @throws AppError `startup.failed` that says why not, and what to do
 */
export async function probePort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    throw listenError(host, port, error as NodeJS.ErrnoException);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Why listening failed, for people. */
export function listenError(host: string, port: number, error: NodeJS.ErrnoException): AppError {
  return new AppError('startup.failed', `cannot listen on ${host}:${String(port)}: ${reason(port, error)}`, {
    cause: error,
  });
}

function reason(port: number, error: NodeJS.ErrnoException): string {
  const choose = `npm start -- --port ${String(port < 65_535 ? port + 1 : 8080)}`;
  if (error.code === 'EADDRINUSE')
    return `port ${String(port)} is in use, stop what listens there or choose another: ${choose}`;
  if (error.code === 'EACCES') return `ports below 1024 are not for everyone, choose another: ${choose}`;
  if (error.code === 'EADDRNOTAVAIL') return 'this machine does not have that address, set HTTP_HOST to one it has';
  return error.message;
}
