// What every command of this repository needs first: a recent Node, the locked dependencies, the generated database
// client and, for what runs compiled, the build. Plain Node without dependencies, since it runs before they are there.
// Each step is skipped, in silence, when its inputs have not changed since it last succeeded.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export const ROOT = dirname(import.meta.dirname);

const OLDEST_NODE = [20, 19];
const LOCK_FILE = join(ROOT, '.data', 'setup.lock');
const INSTALL_STAMP = join(ROOT, 'node_modules', '.atlas-install');
const GENERATE_STAMP = join(ROOT, 'libs', 'store', 'src', 'generated', '.atlas-generate');
const BUILD_STAMP = join(ROOT, 'dist', '.atlas-build');

/** A message for the person at the terminal, who needs no stack trace. */
export class SetupError extends Error {}

/**
 * Brings the checkout to the point where it can run. Progress goes to stderr, so that stdout stays the command's own.
 * `build` also compiles apps and libraries to dist. Throws SetupError with one readable message.
 */
export function setup({ build = true } = {}) {
  checkNode();
  // Fast path without the lock: a second start should cost milliseconds.
  if (steps(build).every((step) => step.isCurrent())) return;
  withLock(() => {
    for (const step of steps(build)) if (!step.isCurrent()) timed(step);
  });
}

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(
    `this needs Node ${OLDEST_NODE.join('.')} or newer, and \`node\` here is ${version}: install a current Node, then run the same command again`,
  );
}

/** Runs `main`, and ends the process with its exit code, or with one readable line when setup failed. */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function steps(build) {
  return build ? [install, generate, compile] : [install, generate];
}

const install = {
  title: 'installing dependencies (npm ci)',
  isCurrent() {
    const lock = digestOf([join(ROOT, 'package-lock.json')]);
    if (readStamp(INSTALL_STAMP) === lock) return true;
    // Somebody who ran npm install by hand has the same tree: take it, and remember.
    if (!isInstalledAsLocked()) return false;
    writeStamp(INSTALL_STAMP, lock);
    return true;
  },
  run() {
    // Compiler and type packages are development dependencies, and NODE_ENV=production would leave them out.
    npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
    writeStamp(INSTALL_STAMP, digestOf([join(ROOT, 'package-lock.json')]));
  },
};

const generate = {
  title: 'generating the database client',
  isCurrent: () => !existsSync(GENERATOR) || readStamp(GENERATE_STAMP) === generateInputs(),
  run() {
    node([GENERATOR]);
    writeStamp(GENERATE_STAMP, generateInputs());
  },
};

const compile = {
  title: 'compiling (tsc, esbuild)',
  isCurrent: () => existsSync(join(ROOT, 'dist', 'bundle')) && readStamp(BUILD_STAMP) === buildInputs(),
  run() {
    const inputs = buildInputs();
    // tsc writes its output even when types are wrong; without a stamp the next run compiles again.
    rmSync(BUILD_STAMP, { force: true });
    // A deleted dist folder with a surviving record of it would make tsc emit nothing.
    if (!existsSync(join(ROOT, 'dist', 'apps'))) rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
    node([join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(ROOT, 'tsconfig.build.json')]);
    removeOrphans(join(ROOT, 'dist'));
    node([BUNDLER]);
    writeStamp(BUILD_STAMP, inputs);
  },
};

const GENERATOR = join(ROOT, 'scripts', 'gen.mjs');
const BUNDLER = join(ROOT, 'scripts', 'bundle.mjs');
const CLI_LAUNCHER = join(ROOT, 'scripts', 'launch-cli.mjs');

function generateInputs() {
  const schema = filesBelow(join(ROOT, 'prisma'), (path) => path.endsWith('.prisma'));
  const settings = ['prisma.config.ts', 'package-lock.json'].map((name) => join(ROOT, name));
  return digestOf([...schema, ...settings, GENERATOR].filter((path) => existsSync(path)));
}

function buildInputs() {
  const isSource = (path) => path.endsWith('.ts') && !path.endsWith('.spec.ts');
  const sources = ['apps', 'libs'].flatMap((folder) => filesBelow(join(ROOT, folder), isSource));
  const settings = ['tsconfig.base.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'];
  return digestOf([...sources, ...settings.map((name) => join(ROOT, name)), BUNDLER, CLI_LAUNCHER]);
}

/** Whether npm's record of what is installed has every package of the lock file, in its version. */
function isInstalledAsLocked() {
  const installed = readJson(join(ROOT, 'node_modules', '.package-lock.json'))?.packages;
  const locked = readJson(join(ROOT, 'package-lock.json'))?.packages;
  if (installed === undefined || locked === undefined) return false;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // Optional packages of other systems are in the lock file only.
    if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found.version === entry.version;
  });
}

/** Removes compiled files whose source is gone, so that nothing scans or imports what no longer exists. */
function removeOrphans(dist) {
  const isOutput = (path) => path.endsWith('.js') || path.endsWith('.js.map');
  for (const path of filesBelow(dist, isOutput)) {
    const source = join(ROOT, relative(dist, path)).replace(/\.js(\.map)?$/, '');
    if (!['.ts', '.tsx', '.js'].some((extension) => existsSync(source + extension))) rmSync(path, { force: true });
  }
}

/** Sorted paths of the files below `folder` that `wanted` accepts; node_modules are not ours to look at. */
function filesBelow(folder, wanted) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') found.push(...filesBelow(path, wanted));
    } else if (wanted(path)) found.push(path);
  }
  return found.sort();
}

function digestOf(paths) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const path of paths) {
    hash.update(`\0${relative(ROOT, path).split(sep).join('/')}\0`);
    hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function readStamp(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function writeStamp(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function timed(step) {
  const started = Date.now();
  say(`setup: ${step.title} …`);
  step.run();
  say(`setup: ${step.title}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function npm(args) {
  // Inside `npm start` the path of the running npm is known; it is the one that fits this Node.
  const own = process.env.npm_execpath;
  if (own !== undefined && /\.[cm]?js$/.test(own)) return node([own, ...args]);
  return execute('npm', args, { shell: process.platform === 'win32' });
}

function node(args) {
  return execute(process.execPath, args);
}

function execute(command, args, options = {}) {
  // A child's stdout goes to our stderr: stdout belongs to the command that the caller asked for.
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options });
  if (result.status === 0) return;
  const shown = [
    command === process.execPath ? 'node' : command,
    ...args.map((arg) => arg.replace(`${ROOT}${sep}`, '')),
  ];
  const how = result.error?.message ?? (result.signal ? `ended by ${result.signal}` : `exit code ${result.status}`);
  throw new SetupError(`setup: \`${shown.join(' ')}\` failed (${how}); the lines above say why`);
}

/** One setup at a time: `npm start` and `npm test` side by side must not install into each other. */
function withLock(work) {
  acquireLock();
  try {
    work();
  } finally {
    rmSync(LOCK_FILE, { force: true });
  }
}

function acquireLock() {
  mkdirSync(dirname(LOCK_FILE), { recursive: true });
  for (let told = false; ;) {
    try {
      const file = openSync(LOCK_FILE, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned()) rmSync(LOCK_FILE, { force: true });
    else if (!told) say('setup: waiting for another setup in this folder to finish …');
    told = true;
    pause(250);
  }
}

function isAbandoned() {
  const owner = Number(readStamp(LOCK_FILE));
  // Empty for the instant between creating the file and writing the owner into it.
  if (!owner) return ageMs(LOCK_FILE) > 5_000;
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
