import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, it } from '@jest/globals';

import { asTheyCome } from './as-they-come.js';

describe('work as it comes', () => {
  it('gives each result once, those first that end first, with no more at work than may be', async () => {
    const ends = new Map<string, () => void>();
    let most = 0;
    const work = (name: string): Promise<string> =>
      new Promise((resolve) => {
        ends.set(name, () => {
          ends.delete(name);
          resolve(name);
        });
        most = Math.max(most, ends.size);
      });
    const results = asTheyCome(['a', 'b', 'c', 'd'], 2, work);
    const told: string[] = [];
    for (const name of ['b', 'c', 'a', 'd']) {
      const next = results.next();
      await turn();
      ends.get(name)?.();
      told.push(String((await next).value));
    }
    expect(told).toEqual(['b', 'c', 'a', 'd']);
    expect((await results.next()).done).toBe(true);
    expect(most).toBe(2);
  });

  it('fails at the next look when work failed while the reader was busy', async () => {
    const work = (name: string): Promise<string> =>
      name === 'bad' ? Promise.reject(new Error('no database')) : Promise.resolve(name);
    const results = asTheyCome(['a', 'b', 'bad'], 2, work);
    expect((await results.next()).value).toBe('a');
    await turn();
    expect((await results.next()).value).toBe('b');
    await expect(results.next()).rejects.toThrow('no database');
  });

  it('leaves no failure unhandled once the reader has left', async () => {
    const work = async (name: string): Promise<string> => {
      await turn();
      if (name === 'late') throw new Error('no database');
      return name;
    };
    for await (const name of asTheyCome(['a', 'b', 'late'], 2, work)) if (name === 'a') break;
    await turn();
    await turn();
    await turn();
  });
});
