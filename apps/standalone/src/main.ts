import 'reflect-metadata';

import { runStandalone } from './run-standalone.js';

await runStandalone({ args: process.argv.slice(2), env: process.env, stdout: process.stdout, stderr: process.stderr });
