#!/usr/bin/env node
// The command line, from a clone: builds what it runs when nothing has been built yet.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const main = join(root, 'dist', 'bundle', 'cli.js');

if (!existsSync(main)) {
  // An installed package has its build in it; only a clone comes here.
  const { SetupError, setup } = await import('../scripts/setup.mjs');
  process.stderr.write('atlas: nothing is built here yet, building it once\n');
  try {
    setup({ build: true });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(3);
  }
}
await import(pathToFileURL(main).href);
