// `npm test`: sets the checkout up, runs every Jest project, and ends with the plain count over all of them.
// Arguments are Jest's: npm test -- --selectProjects unit libs/engine
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

import { ROOT, runScript, setup } from './setup.mjs';

await runScript(async () => {
  const args = process.argv.slice(2);
  // Only the end-to-end tests run the compiled apps.
  setup({ build: selectsProject(args, 'e2e') });
  const missing = await missingParts(args);
  for (const part of missing) say(`left out: ${part.tests}, since ${part.why}\n          ${part.remedy}`);
  const outcome = await runJest(args);
  // Where the whole suite is asked for, a part that is not there is a failure and not an excuse.
  const failed = outcome.failed + (isCi() ? missing.length : 0);
  for (const part of isCi() ? missing : []) say(`failed: ${part.tests} could not run, since ${part.why}`);
  if (outcome.interrupted) say(`failed: jest ended by ${outcome.interrupted} before it had finished`);
  process.stdout.write(`${countLine(outcome.passed, failed, outcome.skipped)}\n`);
  return failed > 0 || outcome.code !== 0 ? outcome.code || 1 : 0;
});

/** Real servers that some tests need and that npm does not bring. */
async function missingParts(args) {
  const missing = [];
  const needsServices = selectsProject(args, 'integration') || selectsProject(args, 'e2e');
  if (!needsServices) return missing;
  const layout = join(ROOT, 'test', 'support', 'control-plane', 'layout.mjs');
  const built = existsSync(layout) ? await import(layout) : null;
  const parts = built === null ? [] : [...built.missingParts(), ...built.missingSchemas()];
  if (parts.length > 0) {
    missing.push({
      tests: 'tests against a real Kubernetes API server and published schemas',
      why: `these parts are not built: ${parts.join(', ')}`,
      remedy: 'build them once, with Go 1.26 or newer: node test/support/control-plane/build.mjs',
    });
  }
  if (!isRunnable('redis-server')) {
    missing.push({
      tests: 'queue tests on Redis',
      why: 'there is no `redis-server` on the PATH',
      remedy: 'install it: apt-get install redis-server, or brew install redis',
    });
  }
  const monitoring = ['prometheus', 'prometheus-node-exporter', 'prometheus-alertmanager'].filter(
    (name) => !isRunnable(name),
  );
  if (monitoring.length > 0) {
    missing.push({
      tests: 'runbooks on real metrics and alerts',
      why: `these are not on the PATH: ${monitoring.join(', ')}`,
      remedy: 'install them: apt-get install prometheus prometheus-node-exporter prometheus-alertmanager nftables',
    });
  }
  return missing;
}

function isRunnable(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Whether Jest's arguments let the project run. */
function selectsProject(args, name) {
  const at = args.findIndex((arg) => /^--selectProjects(=|$)/.test(arg));
  if (at < 0) return true;
  const inline = args[at].split('=')[1];
  const rest = args.slice(at + 1);
  const end = rest.findIndex((arg) => arg.startsWith('-'));
  const listed = inline === undefined ? rest.slice(0, end < 0 ? rest.length : end) : inline.split(',');
  return listed.includes(name);
}

async function runJest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-atlas-test-'));
  const report = join(folder, 'report.json');
  try {
    const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    // A leftover timer or socket must not keep the count from being told.
    const ours = ['--forceExit', '--json', '--outputFile', report, ...workers(args)];
    const { code, signal } = await exitOf([...flags, jest, ...ours, ...args]);
    return { ...countsOf(report), code: code ?? 1, interrupted: signal };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Workers of their own even on two cores: Node's module loader under test may crash, and a crash costs one file then. */
function workers(args) {
  const chosen = args.some((arg) => /^(-w|-i|--maxWorkers|--runInBand)(=|$)/.test(arg));
  return chosen ? [] : [`--maxWorkers=${Math.max(2, availableParallelism() - 1)}`];
}

function exitOf(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
    // The terminal sends Ctrl-C to both; we stay to give the count, Jest stops its tests.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function countsOf(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded has no tests to count, and is a failure all the same.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed, skipped: result.numPendingTests + result.numTodoTests };
}

function countLine(passed, failed, skipped) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

function isCi() {
  return process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false';
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
