import { describe, expect, it } from '@jest/globals';
import { HealthRegistry } from './health.js';
import { Metrics } from './metrics.js';

describe('HealthRegistry', () => {
  it('is well when every check is, and names those that are not', async () => {
    const health = new HealthRegistry(50);
    expect(await health.report()).toEqual({ ok: true, checks: [] });
    const remove = health.register({ name: 'queue', check: () => Promise.reject(new Error('no answer')) });
    health.register({ name: 'database', check: () => Promise.resolve() });
    health.register({ name: 'slow', check: () => new Promise(() => undefined) });
    health.register({
      name: 'thrower',
      check: () => {
        throw new Error('at once');
      },
    });
    const report = await health.report();
    expect(report.ok).toBe(false);
    expect(report.checks.map(({ name, ok, message }) => [name, ok, message])).toEqual([
      ['database', true, ''],
      ['queue', false, 'no answer'],
      ['slow', false, 'no answer within 50 ms'],
      ['thrower', false, 'at once'],
    ]);
    remove();
    expect((await health.report()).checks.map((check) => check.name)).toEqual(['database', 'slow', 'thrower']);
  });
});

describe('Metrics', () => {
  it('gives one metric a name, however often it is asked for', async () => {
    const metrics = new Metrics();
    metrics.counter('atlas_test_total', 'tests', ['kind']).inc({ kind: 'a' });
    metrics.counter('atlas_test_total', 'tests', ['kind']).inc({ kind: 'a' });
    expect(await metrics.text()).toContain('atlas_test_total{kind="a"} 2');
  });
});
