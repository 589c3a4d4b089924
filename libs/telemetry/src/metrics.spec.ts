import { describe, expect, it } from '@jest/globals';

import { Metrics } from './metrics.js';

const times = (count: number, work: () => void): void => {
  for (let i = 0; i < count; i++) work();
};

describe('a histogram of what is noted with each request', () => {
  it('counts all that was noted when it is read, however little waits', async () => {
    const metrics = new Metrics();
    const durations = metrics.batchedHistogram('atlas_test_seconds', 'a test', ['route']);
    durations.observe({ route: '/a' }, 0.002);
    expect(await metrics.text()).toContain('atlas_test_seconds_count{route="/a"} 1\n');
  });

  it('is one histogram for all who ask for its name', async () => {
    const metrics = new Metrics();
    const [one, other] = [1, 2].map(() => metrics.batchedHistogram('atlas_test_seconds', 'a test', ['route']));
    one?.observe({ route: '/a' }, 1);
    other?.observe({ route: '/a' }, 1);
    expect(await metrics.text()).toContain('atlas_test_seconds_count{route="/a"} 2\n');
  });

  it('counts each value once, under its labels and in its bucket, across batches', async () => {
    const metrics = new Metrics();
    const durations = metrics.batchedHistogram('atlas_test_seconds', 'a test', ['route']);
    times(600, () => {
      durations.observe({ route: '/a' }, 0.002);
    });
    times(300, () => {
      durations.observe({ route: '/b' }, 2);
    });
    await metrics.text();
    durations.observe({ route: '/b' }, 20);
    const text = await metrics.text();
    expect(text).toContain('atlas_test_seconds_count{route="/a"} 600\n');
    expect(text).toContain('atlas_test_seconds_bucket{le="0.0025",route="/a"} 600\n');
    expect(text).toContain('atlas_test_seconds_bucket{le="0.001",route="/a"} 0\n');
    expect(text).toContain('atlas_test_seconds_bucket{le="2.5",route="/b"} 300\n');
    expect(text).toContain('atlas_test_seconds_count{route="/b"} 301\n');
    expect(text).toContain('atlas_test_seconds_sum{route="/b"} 620\n');
  });
});
