import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

import { runChaos } from './chaos.js';

const USAGE = `Usage: npm run chaos -- [--kills N] [--seed N]

Kills processes of every role, again and again, while clusters change, and looks that nothing is lost.

  --kills N  how many, 500 by default
  --seed N   whose turn it is when; by chance when it is left out, and printed`;

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, seed: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
const outcome = await runChaos({ kills: Number(values.kills), seed, say: (line) => process.stdout.write(`${line}\n`) });
process.exit(outcome.faults.length === 0 ? 0 : 1);
