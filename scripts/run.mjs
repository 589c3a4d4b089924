// Runs a TypeScript file of this repository without a build: node scripts/run.mjs FILE [ARGUMENT…]
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write('usage: node scripts/run.mjs FILE [ARGUMENT…]\n');
    return 2;
  }
  setup({ build: false });
  const path = resolve(file);
  process.argv = [process.argv[0], path, ...args];
  process.setSourceMapsEnabled(true);
  register('./typescript-loader.mjs', import.meta.url);
  await import(pathToFileURL(path).href);
  return process.exitCode;
});
