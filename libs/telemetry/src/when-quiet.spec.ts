import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { WhenQuiet } from './when-quiet.js';

describe('WhenQuiet', () => {
  let done = 0;
  let isBusy = false;
  let quiet: WhenQuiet;
  beforeEach(() => {
    jest.useFakeTimers();
    done = 0;
    isBusy = false;
    quiet = new WhenQuiet(
      () => (done += 1),
      { quietMs: 8, lookMs: 2, latestMs: 35 },
      () => () => isBusy,
    );
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('waits until nobody has asked for a while', () => {
    quiet.ask();
    jest.advanceTimersByTime(9);
    quiet.ask();
    jest.advanceTimersByTime(9);
    expect(done).toBe(0);
    jest.advanceTimersByTime(1);
    expect(done).toBe(1);
    jest.advanceTimersByTime(100);
    expect(done).toBe(1);
  });

  it('waits no longer than it may when it is never quiet', () => {
    for (let ms = 0; ms < 100; ms += 5) {
      quiet.ask();
      jest.advanceTimersByTime(5);
    }
    expect(done).toBe(2);
  });

  it('waits until the process has little to do', () => {
    quiet.ask();
    isBusy = true;
    jest.advanceTimersByTime(21);
    expect(done).toBe(0);
    isBusy = false;
    jest.advanceTimersByTime(1);
    expect(done).toBe(1);
  });

  it('waits no longer than it may for a process that is always busy', () => {
    quiet.ask();
    isBusy = true;
    jest.advanceTimersByTime(34);
    expect(done).toBe(0);
    jest.advanceTimersByTime(1);
    expect(done).toBe(1);
    jest.advanceTimersByTime(100);
    expect(done).toBe(1);
  });
});
