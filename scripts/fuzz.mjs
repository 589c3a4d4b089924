// npm run -s fuzz -- [--requests 10000] [--seed N] [--as viewer|operator|auditor|admin]: requests of every
// shape against the API on a database of its own; `--as` makes them those of a caller of one namespace.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    as: { type: 'string', default: '' },
  },
});
const jest = [
  '--expose-gc',
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
const only = ['--selectProjects', 'integration', '--testPathPatterns', 'api-fuzz', '--runInBand', '--forceExit'];
const env = { ...process.env, FUZZ_REQUESTS: values.requests, FUZZ_SEED: values.seed, FUZZ_AS: values.as };
process.exitCode = spawnSync(process.execPath, [...jest, ...only], { stdio: 'inherit', env }).status ?? 1;
