// `npm start`: sets the checkout up, then runs the standalone service in this process.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ROOT, runScript, setup } from './setup.mjs';

await runScript(async () => {
  setup({ build: true });
  // Libraries leave checks of their own out then.
  process.env.NODE_ENV ??= 'production';
  // Imported, not spawned: one process to signal, and its exit code is ours.
  const main = join(ROOT, 'dist', 'bundle', 'standalone.js');
  process.argv[1] = main;
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(main).href);
  return process.exitCode;
});
