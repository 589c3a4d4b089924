import { beforeAll, describe, expect, it } from '@jest/globals';

import { loadRunbooks } from '../load-checks.js';
import type { Runbook } from './define-runbook.js';
import { runbookNamed, runbooksNear } from './runbook-named.js';

describe('the runbook that is meant', () => {
  let runbooks: readonly Runbook[];
  beforeAll(async () => {
    runbooks = await loadRunbooks();
  });

  it.each([
    ['conntrack-saturation', 'conntrack-saturation'],
    ['rb-5', 'conntrack-saturation'],
    ['ConntrackNearlyFull', 'conntrack-saturation'],
    ['https://atlas.example.com/api/v1/runbooks/conntrack-saturation', 'conntrack-saturation'],
    ['https://wiki.example.com/runbooks/RB-1#what', 'service-unreachable'],
    ['service-unreacheable', undefined],
    ['https://wiki.example.com/runbooks/disk-full', undefined],
  ])('by %s', (name, id) => {
    expect(runbookNamed(runbooks, name)?.id).toBe(id);
  });

  it('is among the near ones when it is misspelt', () => {
    expect(runbooksNear(runbooks, 'service-unreacheable')[0]).toBe('service-unreachable');
    expect(runbooksNear(runbooks, 'nope')).toEqual([]);
  });
});
