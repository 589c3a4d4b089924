// Becomes dist/bundle/cli.js: runs cli.cjs with what V8 made of it on a run before. A command is over before most of its
// code would have been worth optimising, so that is put off; a plain compile of what is called often is cheap.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';

setFlagsFromString('--sparkplug');
setFlagsFromString('--interrupt-budget=1200000');

const folder = import.meta.dirname;
const main = join(folder, 'cli.cjs');
const cache = join(folder, `cli-${process.version}-${process.arch}.cache`);
const cachedData = compiledBefore();
const script = new Script(readFileSync(main, 'latin1'), {
  filename: main,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
// V8 takes it only for the same script, its own version and the same flags; there is one, for the last that ran.
if (script.cachedDataRejected !== false) process.once('exit', keepCompiled);
script.runInThisContext()(createRequire(main), main, folder);

function compiledBefore() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

/** At the end, so that what the run has needed is in it. */
function keepCompiled() {
  try {
    const made = `${cache}.${process.pid}`;
    writeFileSync(made, script.createCachedData());
    renameSync(made, cache);
  } catch {
    // Where nobody may write, every run compiles for itself.
  }
}
