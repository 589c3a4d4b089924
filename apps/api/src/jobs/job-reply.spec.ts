import { describe, expect, it } from '@jest/globals';
import { preferredWaitSeconds } from './job-reply.js';

describe('preferredWaitSeconds', () => {
  it.each([
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['wait="7"; foo=bar', 7],
    ['Wait = 0', 0],
    ['wait=86400', 60],
    ['wait=soon', null],
    ['awaits=3', null],
    [undefined, null],
  ])('reads %j as %j', (header, seconds) => {
    expect(preferredWaitSeconds(header)).toBe(seconds);
  });
});
