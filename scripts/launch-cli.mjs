// Becomes dist/bundle/cli.js: runs cli.cjs with what V8 made of it on a run before. A command is over before most of its
// code would have been worth optimising, so that is put off; a plain compile of what is called often is cheap.
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cachedDataVersionTag, setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';

setFlagsFromString('--sparkplug');
setFlagsFromString('--interrupt-budget=1200000');

const folder = import.meta.dirname;
const main = join(folder, 'cli.cjs');
// V8 takes it only for the same script, its own version, flags and processor; the tag has all but the script in it.
const cache = join(folder, `cli-${cachedDataVersionTag()}.cache`);
/** So many are kept: those that were made last. */
const MOST_KEPT = 4;
const cachedData = compiledBefore();
const script = new Script(readFileSync(main, 'latin1'), {
  filename: main,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
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
    const kept = readdirSync(folder).filter((name) => /^cli-.*\.cache$/.test(name));
    const madeAt = new Map(kept.map((name) => [name, statSync(join(folder, name)).mtimeMs]));
    const oldest = kept.sort((a, b) => madeAt.get(b) - madeAt.get(a)).slice(MOST_KEPT);
    for (const name of oldest) rmSync(join(folder, name), { force: true });
  } catch {
    // Where nobody may write, every run compiles for itself.
  }
}
