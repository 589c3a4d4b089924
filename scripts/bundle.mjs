// Bundles the compiled apps with what they import to dist/bundle/<app>.js. Finding and reading thousands of modules is half
// of a start otherwise. What a process imports only when it needs it stays in files of its own. The command line, which
// starts again and again, is one script instead, of which V8's compiled form is kept (`launch-cli.mjs`).
import { execFileSync } from 'node:child_process';
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

import { build } from 'esbuild';

const ROOT = dirname(import.meta.dirname);
const BUNDLE = join(ROOT, 'dist', 'bundle');

/** Where a bundled module was, as CommonJS and as ES modules ask for it. */
const PLACES = /\bimport\.meta\.(url|dirname|filename)\b|(?<!['"\w.$])__(dir|file)name\b/;
const PLACES_OF_SCRIPT = `
const $bundleUrl = (path) => new URL(path, require('node:url').pathToFileURL(__filename)).href;
const $bundlePath = (path) => require('node:path').join(__dirname, path);`;
const MODULE_HEAD = `
import { createRequire as $bundleRequire } from 'node:module';
import { fileURLToPath as $bundleToPath } from 'node:url';
const require = $bundleRequire(import.meta.url);
const $bundleUrl = (path) => new URL(path, import.meta.url).href;
const $bundlePath = (path) => $bundleToPath($bundleUrl(path));`;
/** Of code that is not ours nobody wants to see the lines of the sources, and the maps would be most of the bundle. */
const NO_MAP = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from('{"version":3,"sources":[""],"mappings":"A"}').toString('base64')}`;

/** What few commands need and is half of all: scripts of their own, beside that of the command line. */
const APART = ['undici', 'pdfkit', '@grpc/grpc-js', '@grpc/proto-loader'];
const scriptApart = (name) => `cli-${basename(name)}.cjs`;
const leaveApart = {
  name: 'leave-apart',
  setup({ onResolve }) {
    const filter = new RegExp(`^(${APART.join('|')})$`);
    onResolve({ filter }, ({ path }) => ({ path: `./${scriptApart(path)}`, external: true }));
  },
};

/** Frameworks import on demand what need not be installed, and say so themselves when it is missing. */
const leaveOutWhatIsNotInstalled = {
  name: 'leave-out-what-is-not-installed',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[@a-z]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === leaveOutWhatIsNotInstalled) return undefined;
      const { errors } = await resolve(path, { ...from, pluginData: leaveOutWhatIsNotInstalled });
      return errors.length > 0 ? { path, external: true } : undefined;
    });
  },
};

const INDEX_IMPORT = /^import \{ ([^}]+?),? \} from '(#[^']+)';$/gm;
const INDEX_EXPORT = /^export \{ ([^}]+?),? \} from '([^']+)';$/gm;
const { imports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const LISTED = new Map(
  await Promise.all(Object.entries(imports).map(async ([index, { default: path }]) => [index, await listedBy(path)])),
);

/** Imports what an index of ours lists from where it stands, so that a start does not run what else is listed there. */
function pastIndexes(code) {
  return code.replaceAll(INDEX_IMPORT, (_, names, index) =>
    names
      .split(', ')
      .map((name) => `import { ${name} } from ${JSON.stringify(LISTED.get(index).get(name.split(' ')[0]) ?? index)};`)
      .join(' '),
  );
}

/** The file of each name that an index lists. */
async function listedBy(index) {
  const path = join(ROOT, index);
  const files = new Map();
  for (const [, names, file] of (await readFile(path, 'utf8')).matchAll(INDEX_EXPORT)) {
    for (const name of names.split(', ')) files.set(name, join(dirname(path), file));
  }
  return files;
}

/** What packages run when they are loaded and no command needs: by file, as it is found and as it is run. */
const LEANER = new Map([
  [
    'commander/lib/command.js',
    [
      "const childProcess = require('node:child_process');",
      "const childProcess = { spawn: (...given) => require('node:child_process').spawn(...given) };",
    ],
  ],
  ['zod/v4/locales/index.js', [/^export \{ default as \w+ \} from ".*";$/gm, '']],
]);

function leaner(code, path) {
  const [found, run] = LEANER.get(path.split(`node_modules${sep}`).at(-1).split(sep).join('/')) ?? [];
  if (found === undefined) return code;
  const changed = code.replace(found, run);
  if (changed === code) throw new Error(`${path} is not as this script expects, see LEANER`);
  return changed;
}

/** A module looks for files beside the one that it was, not beside the bundle. */
const keepPlaces = (ourCode = (code) => code, theirCode = (code) => code) => ({
  name: 'keep-places',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?js$/ }, async ({ path }) => {
      const isOurs = !path.includes(`${sep}node_modules${sep}`);
      const read = await readFile(path, 'utf8');
      const code = isOurs ? ourCode(read) : theirCode(read, path);
      return { contents: (PLACES.test(code) ? placed(code, path) : code) + (isOurs ? '' : NO_MAP), loader: 'js' };
    });
  },
});

function placed(code, path) {
  const file = JSON.stringify(relative(BUNDLE, path).split(sep).join('/'));
  const folder = JSON.stringify(dirname(JSON.parse(file)));
  return code
    .replaceAll(/\bimport\.meta\.url\b/g, `$bundleUrl(${file})`)
    .replaceAll(/\bimport\.meta\.filename\b|(?<!['"\w.$])__filename\b/g, `$bundlePath(${file})`)
    .replaceAll(/\bimport\.meta\.dirname\b|(?<!['"\w.$])__dirname\b/g, `$bundlePath(${folder})`);
}

const entryOf = (app) => join(ROOT, 'dist', 'apps', app, 'src', 'main.js');
const SHARED = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // It hands its functions to threads as text, in which the names would be kept by something that is not there.
  external: ['fflate'],
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
};

const NAMES = '__name=(target,value)=>';

/**
 * Closures that questions make over and over have no names: naming one takes as long as running it, and nobody asks for
 * it. What has a prototype, as every class, keeps its own.
 */
async function nameNoClosures() {
  let found = false;
  for (const file of await readdir(BUNDLE)) {
    const code = file.endsWith('.js') ? await readFile(join(BUNDLE, file), 'utf8') : '';
    if (!code.includes(NAMES)) continue;
    await writeFile(join(BUNDLE, file), code.replace(NAMES, `${NAMES}!("prototype"in target)?target:`));
    found = true;
  }
  if (!found) throw new Error('no script of the bundle names functions as this one expects');
}

const apps = await readdir(join(ROOT, 'dist', 'apps'));
await build({
  ...SHARED,
  plugins: [leaveOutWhatIsNotInstalled, keepPlaces()],
  entryPoints: Object.fromEntries(apps.filter((app) => app !== 'cli').map((app) => [app, entryOf(app)])),
  outdir: BUNDLE,
  chunkNames: 'shared-[hash]',
  // Names of classes and functions are in messages, metrics and the GraphQL schema.
  keepNames: true,
  splitting: true,
  format: 'esm',
  banner: { js: MODULE_HEAD },
  sourcemap: true,
  sourcesContent: false,
});
await nameNoClosures();
await build({
  ...SHARED,
  plugins: [leaveOutWhatIsNotInstalled, leaveApart, keepPlaces(pastIndexes, leaner)],
  entryPoints: [entryOf('cli')],
  outfile: join(BUNDLE, 'cli.cjs'),
  format: 'cjs',
  banner: { js: `(function (require, __filename, __dirname) {${PLACES_OF_SCRIPT}` },
  footer: { js: '})' },
});
for (const name of APART) {
  await build({
    ...SHARED,
    plugins: [leaveOutWhatIsNotInstalled, keepPlaces()],
    stdin: { contents: `module.exports = require('${name}')`, resolveDir: ROOT },
    outfile: join(BUNDLE, scriptApart(name)),
    format: 'cjs',
    banner: { js: PLACES_OF_SCRIPT },
  });
}
await copyFile(join(import.meta.dirname, 'launch-cli.mjs'), join(BUNDLE, 'cli.js'));
for (const file of await readdir(BUNDLE)) if (/^cli-.*\.cache/.test(file)) await rm(join(BUNDLE, file));
const sample = join(ROOT, 'apps', 'standalone', 'sample', 'shop-calico');
execFileSync(process.execPath, [join(BUNDLE, 'cli.js'), 'list', '--dir', sample], { stdio: 'ignore' });
