import { describe, expect, it } from '@jest/globals';

import { CleanupStack } from './cleanup-stack.js';

describe('what is stopped at the end', () => {
  it('is stopped last one first, once, and past failures', async () => {
    const done: string[] = [];
    const failed: string[] = [];
    const stack = new CleanupStack((step) => failed.push(step));
    const step = (name: string) => () => Promise.resolve(void done.push(name));
    stack.push('database', step('database'));
    stack.push('broken', () => Promise.reject(new Error('no')));
    stack.push('application', step('application'));
    await Promise.all([stack.run(), stack.run()]);
    expect(done).toEqual(['application', 'database']);
    expect(failed).toEqual(['broken']);
  });
});
