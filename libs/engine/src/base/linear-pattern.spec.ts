import { describe, expect, it } from '@jest/globals';

import { compilePattern } from './linear-pattern.js';

const PATTERNS = [
  '',
  'GET',
  'GET|POST',
  '/public$',
  '^/a/.*',
  '/(public|private)/[0-9]+',
  '(a|b)*c?',
  '(a+)+b',
  'a{2,3}b{2}c{1,}',
  '[^/]+/x',
  '[a-c-]*',
  '[]a]+',
  '\\d+\\.\\w*\\s?',
  '(?:ab)+?c',
  'x.y',
  '(|a)b',
];
const TEXTS = [
  '',
  'GET',
  'POST',
  '/public',
  '/a/',
  '/a/b/c',
  '/public/12',
  '/private/',
  'abac',
  'c',
  'aab',
  'aaab',
  'aabbc',
];
const MORE = [
  'aabbccc',
  'a/x',
  '/x',
  'a-c',
  ']a',
  '12.ab ',
  '1.',
  'abababc',
  'x\ny',
  'xzy',
  'b',
  'ab',
  'GETx',
  'aaaabbc',
];

describe('compilePattern', () => {
  it.each(PATTERNS)('agrees with the language on %j', (pattern) => {
    const matches = compilePattern(pattern);
    // POSIX takes `]` first in a class for itself; JavaScript wants it escaped.
    const reference = new RegExp(`^(?:${pattern.replace('[]', '[\\]')})$`);
    for (const text of [...TEXTS, ...MORE]) expect([text, matches?.(text)]).toEqual([text, reference.test(text)]);
  });

  it('knows the POSIX classes', () => {
    const matches = compilePattern('[[:alpha:]_]+[[:digit:]]*');
    expect(['ab_1', '1a', 'a'].map((text) => matches?.(text))).toEqual([true, false, true]);
  });

  it.each([
    '(',
    'a)',
    '[a',
    '*a',
    'a{3,2}',
    '(?=a)',
    '\\1',
    '\\b',
    '(?i)a',
    'a{9999}',
    '('.repeat(500),
    'a'.repeat(2000),
  ])('refuses %j', (pattern) => {
    expect(compilePattern(pattern)).toBeNull();
  });

  it('takes time in proportion to the text where backtracking would never end', () => {
    const matches = compilePattern('(a|a)*(.*.*.*.*)*(a+)+b');
    expect(matches?.('a'.repeat(5000))).toBe(false);
    expect(compilePattern('((((){999}){999}){999}){999}x')?.('x')).toBe(true);
    expect(compilePattern('((((a{99}){99}){99}){99}){99}')).toBeNull();
  });
});
