// Runs a TypeScript file of this repository as it is: node scripts/run.mjs [--built] FILE [ARGUMENT…]
// --built: it starts processes of the product, so those are compiled first.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { runScript, setup } from './setup.mjs';

await runScript(async () => {
  const given = process.argv.slice(2);
  const build = given[0] === '--built';
  const [file, ...args] = build ? given.slice(1) : given;
  if (file === undefined) {
    process.stderr.write('usage: node scripts/run.mjs [--built] FILE [ARGUMENT…]\n');
    return 2;
  }
  setup({ build });
  const path = resolve(file);
  process.argv = [process.argv[0], path, ...args];
  process.setSourceMapsEnabled(true);
  await import('./register-typescript.mjs');
  await import(pathToFileURL(path).href);
  return process.exitCode;
});
