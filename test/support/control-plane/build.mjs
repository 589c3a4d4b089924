#!/usr/bin/env node
// Builds a real Kubernetes control plane (etcd, API server, controller manager, scheduler, kubectl, kwok) from Go modules,
// once, into a cache outside the checkout, so tests can start it on loopback without containers, and puts schemas that
// others publish beside it. Only Go is needed: the modules come through whatever GOPROXY and GOFLAGS say. Run again after
// an interruption: only what is missing is built.
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import {
  SCHEMAS,
  VERSIONS,
  binDir,
  controlPlaneDir,
  kwokStagesFile,
  missingParts,
  missingSchemas,
  schemaFiles,
} from './layout.mjs';

const OLDEST_GO = { major: 1, minor: 26 };
const HEARTBEAT_MS = 30_000;

const USAGE = `Usage: node ${basename(import.meta.filename)} [--with-helm] [--print]

Builds the control plane for the tests into a cache, with schemas that others publish beside it: about 8 minutes on two
cores the first time.

  --with-helm  build helm too, for the tests of the chart
  --print      print where the binaries are and what is missing; exit 1 when something is
  --help       print this

The cache is $NETPOL_ATLAS_CACHE, else $XDG_CACHE_HOME/netpol-atlas, else ~/.cache/netpol-atlas.
`;

/** A message for the person at the terminal, who needs no stack trace. */
class BuildError extends Error {}

// What to build, cheapest useful set first: etcd and the API server alone already serve the sync tests.
const KUBERNETES_COMMANDS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'];

function recipes(withHelm) {
  const binary = (name, recipe) => [name, (build) => buildBinary(name, recipe, build)];
  const kubernetes = KUBERNETES_COMMANDS.map((name) => binary(name, (build) => buildKubernetes(name, build)));
  return [
    binary('etcd', buildEtcd),
    ...kubernetes,
    binary('kwok', buildKwok),
    ['kwok stages', copyKwokStages],
    ...(withHelm ? [binary('helm', buildHelm)] : []),
    ...Object.keys(SCHEMAS).map((name) => [name, (build) => copySchema(name, build)]),
  ];
}

function everythingMissing(withHelm) {
  return [...missingParts({ withHelm }), ...missingSchemas()];
}

async function buildEtcd({ go, workDir, output }) {
  // A module of its own, since etcd's main module carries replace directives and `go install …@version` refuses those.
  const moduleDir = join(workDir, 'etcd');
  const main = 'go.etcd.io/etcd/server/v3';
  await writeModule(go, moduleDir, [
    'module control-plane/etcd',
    'go 1.26.0',
    `tool ${main}`,
    `require ${main} v${VERSIONS.etcd}`,
  ]);
  await go(['build', '-trimpath', '-ldflags', '-s -w', '-o', output, main], moduleDir);
}

async function buildKubernetes(name, { go, workDir, output }) {
  const moduleDir = join(workDir, 'kubernetes');
  await writeModule(go, moduleDir, await kubernetesModule(go, workDir));
  const [major, minor] = VERSIONS.kubernetes.split('.');
  const stamp = { gitVersion: `v${VERSIONS.kubernetes}`, gitMajor: major, gitMinor: minor };
  const stamps = Object.entries(stamp).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  const ldflags = ['-s -w', ...stamps].join(' ');
  await go(['build', '-trimpath', '-ldflags', ldflags, '-o', output, `k8s.io/kubernetes/cmd/${name}`], moduleDir);
}

/**
 * k8s.io/kubernetes replaces its staging modules by folders of its own repository. Replacements do not carry over to a
 * module that requires it, so the same list is written again with the published version of each.
 */
async function kubernetesModule(go, workDir) {
  const { GoMod } = await download(go, workDir, `k8s.io/kubernetes@v${VERSIONS.kubernetes}`);
  const staged = [...readFileSync(GoMod, 'utf8').matchAll(/^\s*(?:replace\s+)?(\S+)\s+=>\s+\.\/staging\//gm)];
  if (staged.length === 0)
    throw new BuildError(`No staging modules in ${GoMod}: its layout changed, adapt kubernetesModule().`);
  // v1.37.2 of Kubernetes publishes its staging modules as v0.37.2.
  const stagingVersion = `v0.${VERSIONS.kubernetes.split('.').slice(1).join('.')}`;
  return [
    'module control-plane/kubernetes',
    'go 1.26.0',
    'godebug default=go1.26',
    ...KUBERNETES_COMMANDS.map((name) => `tool k8s.io/kubernetes/cmd/${name}`),
    `require k8s.io/kubernetes v${VERSIONS.kubernetes}`,
    ...staged.map(([, module]) => `replace ${module} => ${module} ${stagingVersion}`),
  ];
}

async function buildKwok({ go, workDir, output }) {
  const version = `v${VERSIONS.kwok}`;
  const stamp = `-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=${version}`;
  await install(go, workDir, output, `sigs.k8s.io/kwok/cmd/kwok@${version}`, stamp);
}

async function buildHelm({ go, workDir, output }) {
  const version = `v${VERSIONS.helm}`;
  const stamp = `-s -w -X helm.sh/helm/v3/internal/version.version=${version}`;
  await install(go, workDir, output, `helm.sh/helm/v3/cmd/helm@${version}`, stamp);
}

/** Other people's files stay out of the repository: the stages are taken from the module that kwok is built from. */
async function copyKwokStages({ go, workDir }) {
  const { Dir } = await download(go, workDir, `sigs.k8s.io/kwok@v${VERSIONS.kwok}`);
  const files = [
    'node/fast/node-initialize.yaml',
    'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
    'pod/fast/pod-ready.yaml',
    'pod/fast/pod-complete.yaml',
    'pod/fast/pod-delete.yaml',
  ];
  const documents = files.map((file) => readFileSync(join(Dir, 'kustomize', 'stage', file), 'utf8').trimEnd());
  const target = kwokStagesFile();
  mkdirSync(dirname(target), { recursive: true });
  publish(`${target}.${process.pid}.tmp`, target, (path) => writeFileSync(path, `${documents.join('\n---\n')}\n`));
}

async function copySchema(name, { go, workDir }) {
  const { module, files } = SCHEMAS[name];
  const { Dir } = await download(go, workDir, module);
  for (const [index, target] of schemaFiles(name).entries()) {
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(join(Dir, files[index]));
    publish(`${target}.${process.pid}.tmp`, target, (path) => writeFileSync(path, text));
  }
}

async function writeModule(go, dir, lines) {
  if (mkdirSync(dir, { recursive: true }) === undefined) return; // written by an earlier binary of this run
  writeFileSync(join(dir, 'go.mod'), `${lines.join('\n')}\n`);
  await go(['mod', 'tidy'], dir);
}

async function install(go, workDir, output, target, ldflags) {
  const gobin = mkdtempSync(join(workDir, 'gobin-'));
  await go(['install', '-trimpath', '-ldflags', ldflags, target], workDir, { GOBIN: gobin });
  // Copied, since a rename fails when the temporary directory is on another file system than the cache.
  writeFileSync(output, readFileSync(join(gobin, basename(target.split('@')[0]))));
}

async function download(go, workDir, module) {
  return JSON.parse(await go(['mod', 'download', '-json', module], workDir));
}

/** Readers never see half a file: it appears under its name only when complete. */
function publish(temporary, target, write) {
  try {
    write(temporary);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function findGo() {
  // The Go project's own archive installs here and leaves PATH to the user.
  const candidates = ['go', '/usr/local/go/bin/go'];
  const found = [];
  for (const command of candidates) {
    const version = await goVersion(command);
    if (version === undefined) continue;
    if (isRecent(version)) return command;
    found.push(`${command} is ${version}`);
  }
  const oldest = `${OLDEST_GO.major}.${OLDEST_GO.minor}`;
  throw new BuildError(
    `The control plane is built with Go ${oldest} or newer, and ${found.length > 0 ? found.join(', ') : 'no `go` was found on PATH'}.\n` +
      `Install Go ${oldest}+ and put it first on PATH, then run this again; or point NETPOL_ATLAS_CACHE at a cache built elsewhere\n` +
      `for the same system. Tests that need no control plane run without it.`,
  );
}

async function goVersion(command) {
  try {
    // GOTOOLCHAIN=local, or a go.mod nearby could answer for another toolchain than the one that will build.
    const output = await run(command, ['version'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
    return /\bgo(\d+\.\d+\S*)/.exec(output)?.[1];
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EACCES') return undefined;
    throw error;
  }
}

function isRecent(version) {
  const [major, minor] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > OLDEST_GO.major || (major === OLDEST_GO.major && minor >= OLDEST_GO.minor);
}

function goRunner(command) {
  return (args, cwd, env = {}) =>
    // Static binaries run on any machine the cache is copied to; GOWORK=off keeps a workspace above us out of it.
    run(command, args, { cwd, env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', ...env } });
}

const children = new Set();

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      children.delete(child);
      if (error === null) return resolve(stdout);
      if (typeof error.code === 'string') return reject(error);
      const tail = `${stderr}${stdout}`.trimEnd().split('\n').slice(-30).join('\n');
      const how = error.signal ? `was ended by ${error.signal}` : `failed with exit code ${error.code}`;
      reject(new BuildError(`${command} ${args.join(' ')} ${how}:\n${tail}`));
    });
    children.add(child);
  });
}

async function buildMissing(withHelm) {
  const missing = everythingMissing(withHelm);
  if (missing.length === 0) return say(`control plane: complete in ${binDir()}`);
  const command = await findGo();
  mkdirSync(binDir(), { recursive: true });
  say(`control plane: building ${missing.join(', ')} into ${controlPlaneDir()}`);
  const workDir = mkdtempSync(join(tmpdir(), 'netpol-atlas-build-'));
  process.once('exit', () => rmSync(workDir, { recursive: true, force: true }));
  const started = Date.now();
  const todo = recipes(withHelm).filter(([name]) => missing.includes(name));
  for (const [index, [name, recipe]] of todo.entries()) {
    await timed(`[${index + 1}/${todo.length}] ${name}`, () => recipe({ go: goRunner(command), workDir }));
  }
  say(`control plane: complete in ${binDir()}, ${seconds(started)}`);
}

async function buildBinary(name, recipe, build) {
  const target = join(binDir(), name);
  const temporary = join(binDir(), `.${name}.${process.pid}.tmp`);
  try {
    await recipe({ ...build, output: temporary });
    chmodSync(temporary, 0o755);
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
  return `${Math.round(statSync(target).size / 1e6)} MB`;
}

async function timed(label, work) {
  const started = Date.now();
  say(`${label} …`);
  // A silent four minutes look like a hang, in a terminal and to a CI watchdog.
  const heartbeat = setInterval(() => say(`${label} … ${seconds(started)}`), HEARTBEAT_MS);
  try {
    const note = await work();
    say(`${label} done in ${seconds(started)}${note === undefined ? '' : `, ${note}`}`);
  } finally {
    clearInterval(heartbeat);
  }
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

function print(withHelm) {
  const missing = everythingMissing(withHelm);
  say(`${binDir()}\n${missing.length === 0 ? 'complete' : `missing: ${missing.join(', ')}`}`);
  return missing.length === 0 ? 0 : 1;
}

async function main() {
  const options = {
    'with-helm': { type: 'boolean' },
    print: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  const { values } = parseArgs({ options });
  const withHelm = values['with-helm'] ?? false;
  if (values.help) return say(USAGE);
  if (values.print) {
    process.exitCode = print(withHelm);
    return;
  }
  await buildMissing(withHelm);
}

/** Stops Go, which a signal meant for this process alone does not reach, and leaves by exit(), which cleans up. */
function interrupt(code) {
  for (const child of children) child.kill('SIGINT');
  process.exit(code);
}

process.once('SIGINT', () => interrupt(130));
process.once('SIGTERM', () => interrupt(143));

main().catch((error) => {
  const usage = typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS');
  if (usage) process.stderr.write(`${error.message}\n\n${USAGE}`);
  else process.stderr.write(error instanceof BuildError ? `${error.message}\n` : `${error.stack}\n`);
  process.exitCode = usage ? 2 : 1;
});
