import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const SHOP = join(import.meta.dirname, '../../../standalone/sample/shop-calico');

/** A web pod that has gone asks the API, which asks the database and may not take payments; somebody asks the internet. */
const FLOWS = [
  { src: 'shop/web', dst: 'shop/api', port: 8080, count: 3 },
  { src: 'shop/api', dst: 'shop/db', port: 5432 },
  { src: 'shop/api', dst: 'service:payments/gateway', port: 443, verdict: 'dropped', reason: 'POLICY_DENIED' },
  { src: 'shop/web', dst: 'shop/api', port: 8080, verdict: 'dropped' },
  { src: 'monitoring/grafana', dst: '203.0.113.9', port: 443 },
]
  .map((flow) => JSON.stringify(flow))
  .join('\n');

const flows = (input: string, ...args: readonly string[]) => runOnTerminal(['flows', ...args], input);

describe('atlas flows', () => {
  it('explains flows, the odd ones first, and fails on what policy does not say', async () => {
    const { code, out } = await flows(FLOWS, 'explain', '--file', '-', '--dir', SHOP);
    expect(code).toBe(1);
    expect(out).toMatch(/^DROPPED-THOUGH-ALLOWED {2}shop\/web → shop\/api on TCP 8080\n {2}seen dropped 1 time\n/);
    expect(out).toMatch(
      /^DENIED {2}shop\/api → service payments\/gateway on TCP 443\n.*\n {2}policy: .*payments\/default-deny/m,
    );
    expect(out).not.toMatch(/^ALLOWED/m);
    expect(out).toContain('OPEN  monitoring/grafana → 203.0.113.9 on TCP 443');
    expect(out).toMatch(/flows: 1 dropped-though-allowed, 1 open, 1 denied, 2 allowed\n$/);
    const denied = await flows(FLOWS, 'explain', '--file', '-', '--dir', SHOP, '--standing', 'denied', '-o', 'json');
    expect(denied.code).toBe(0);
    expect(JSON.parse(denied.out)).toMatchObject({
      read: { flows: 5, problemCount: 0, sources: ['plain'] },
      items: [{ source: 'shop/api', reasons: ['POLICY_DENIED'], intended: 'denied' }],
    });
  });

  it('shows what is as it should be when that is asked for', async () => {
    const { out } = await flows(FLOWS, 'explain', '--file', '-', '--dir', SHOP, '--standing', 'allowed');
    expect(out).toMatch(/^ALLOWED {2}shop\/web → shop\/api on TCP 8080\n {2}seen forwarded 3 times\n/);
  });

  it('suggests policies that lead through what was seen, with what they close as comments', async () => {
    const { code, out } = await flows(FLOWS, 'suggest', '--file', '-', '--dir', SHOP, '-n', 'monitoring');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^# 1 policy \(kubernetes\) made from what was seen: \d flows that passed would pass, 0 would be cut\n/,
    );
    expect(out).toMatch(/^# monitoring\/grafana.*: opens none, closes /m);
    expect(parseAllDocuments(out).map((one) => (one.toJS() as { metadata: { name: string } }).metadata.name)).toEqual([
      'grafana-as-seen',
    ]);
  });

  it('tells each line that cannot be read, and reads the others', async () => {
    const { err, out } = await flows(`${FLOWS}\n{"src":`, 'explain', '--file', '-', '--dir', SHOP);
    expect(err).toBe('warning: -:6: it is not JSON, is the line cut short?\n');
    expect(out).toContain('2 allowed');
  });

  it('says what is wrong with the question', async () => {
    expect(await flows('', 'explain', '--dir', SHOP)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--file'),
    });
    expect(await flows('', 'explain', '--file', '-')).toMatchObject({ code: 2, err: expect.stringContaining('--dir') });
    expect(await flows('', 'explain', '--file', '-', '--standing', 'odd')).toMatchObject({
      code: 2,
      err: expect.stringContaining('dropped-though-allowed'),
    });
    const nobody = await flows('', 'suggest', '--relay', '127.0.0.1:1', '--dir', SHOP);
    expect(nobody).toMatchObject({
      code: 3,
      err: expect.stringContaining('Hubble Relay at `127.0.0.1:1` cannot be reached'),
    });
    const ago = await flows('', 'suggest', '--relay', '127.0.0.1:1', '--since', 'ever', '--dir', SHOP);
    expect(ago).toMatchObject({ code: 2, err: expect.stringContaining('`ever` is no age') });
  });
});
