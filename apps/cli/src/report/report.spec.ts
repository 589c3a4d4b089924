import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const SHOP = join(import.meta.dirname, '../../../standalone/sample/shop-calico');
const report = (...args: readonly string[]) => runOnTerminal(['report', ...args], '');

describe('atlas report of a folder', () => {
  it('bears the time that it is given, so that equal manifests give equal bytes', async () => {
    const once = await report('--dir', SHOP, '-o', 'json', '--at', '2026-11-27T09:30:00Z');
    expect(JSON.parse(once.out)).toMatchObject({ createdAt: '2026-11-27T09:30:00.000Z' });
    const again = await report('--dir', SHOP, '-o', 'json', '--at', '1795771800');
    expect(again.out).toBe(once.out);
  });

  it('takes no time that is none, and none for what a server audited', async () => {
    expect(await report('--dir', SHOP, '--at', 'yesterday')).toMatchObject({
      code: 2,
      err: expect.stringContaining('give a time as 2026-11-27T09:30:00Z'),
    });
    for (const vague of ['2026-11-27T09:30:00', 'Nov 27 2026']) {
      expect(await report('--dir', SHOP, '--at', vague)).toMatchObject({ code: 2, out: '' });
    }
    expect(await report('--cluster', 'shop', '--at', '2026-11-27T09:30:00Z')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--at goes with --dir'),
    });
  });
});
