import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const SHOP = join(import.meta.dirname, '../../../standalone/sample/shop-calico');

const pattern = (...args: readonly string[]) => runOnTerminal(['pattern', ...args]);

describe('atlas pattern', () => {
  it('lists the patterns', async () => {
    const { code, out } = await pattern();
    expect(code).toBe(0);
    expect(out).toMatch(/^default-deny +close a namespace by default/);
  });

  it('fills one in and tells what it would change, as comments above the manifest', async () => {
    const { code, out } = await pattern('default-deny', '--dir', SHOP, '-n', 'monitoring');
    expect(code).toBe(0);
    expect(out).toMatch(/^# opens 0 and closes [1-9]\d* pairs$/m);
    expect(out).toContain('kind: NetworkPolicy');
    expect(out).toContain('name: allow-dns');
  });

  it('says so when it is there already', async () => {
    expect(await pattern('default-deny', '--dir', SHOP, '-n', 'shop')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^# there already: shop\/allow-dns, shop\/default-deny\n?$/),
    });
  });

  it('hands it over natively, or with what keeps it in place', async () => {
    const { out } = await pattern(
      'default-deny',
      '--dir',
      SHOP,
      '-n',
      'monitoring',
      '--as',
      'kyverno',
      '--form',
      'calico',
    );
    expect(out).toContain('kind: ClusterPolicy');
    expect(out).toContain('apiVersion: projectcalico.org/v3');
    const chain = await pattern('tier-chain', '--dir', SHOP, '-n', 'shop');
    expect(chain).toMatchObject({ code: 4, err: expect.stringContaining('no Ingress, Route or Gateway leads') });
  });

  it('says what is wrong', async () => {
    expect(await pattern('default-deny')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--namespace'),
    });
    expect(await pattern('nothing', '--dir', SHOP, '-n', 'shop')).toMatchObject({ code: 2 });
    expect(await pattern('default-deny', '--dir', SHOP, '-n', 'none')).toMatchObject({
      code: 4,
      err: expect.stringContaining('there is no namespace `none`'),
    });
  });
});
