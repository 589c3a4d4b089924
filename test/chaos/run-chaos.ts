// npm run -s chaos -- [--kills 500] [--seed N]
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { runChaos } from './chaos.js';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '500' }, seed: { type: 'string' } } });
const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
const outcome = await runChaos({ kills: Number(values.kills), seed, say: (line) => process.stdout.write(`${line}\n`) });
process.exit(outcome.faults.length === 0 ? 0 : 1);
