import { randomInt } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { runChaos } from './chaos.js';

const KILLS = 100;
const LIMIT_MS = 900_000;

describe('processes that are killed at random points', () => {
  it(
    'leave what is stored equal to what there is',
    async () => {
      const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(1_000_000));
      const outcome = await runChaos({ kills: KILLS, seed, say: (line) => process.stderr.write(`${line}\n`) });
      expect(outcome.faults).toEqual([]);
      expect(Object.values(outcome.kills).reduce((sum, kills) => sum + kills, 0)).toBe(KILLS);
      expect(outcome.snapshots).toBeGreaterThan(KILLS / 4);
    },
    LIMIT_MS,
  );
});
