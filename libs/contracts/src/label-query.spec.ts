import { describe, expect, it } from '@jest/globals';
import { labelQueryText, matchesLabels, parseLabelQuery } from './label-query.js';

const matches = (text: string, labels: Record<string, string>): boolean => {
  const query = parseLabelQuery(text);
  if (query === null) throw new Error(`no query: ${text}`);
  return matchesLabels(query, labels);
};

describe('label queries', () => {
  it.each([
    ['', {}, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'api' }, false],
    ['app!=web', {}, true],
    ['app in (web, api),tier=front', { app: 'api', tier: 'front' }, true],
    ['app in (web, api),tier=front', { app: 'api' }, false],
    ['app notin (web)', { app: 'web' }, false],
    ['example.com/team', { 'example.com/team': '' }, true],
    ['!legacy', { legacy: 'yes' }, false],
    ['app=', { app: '' }, true],
    ['toString', {}, false],
  ])('%j against %j is %j', (text, labels, expected) => {
    expect(matches(text, labels)).toBe(expected);
  });

  it.each(['app in web', '=web', 'app=we b', 'a,,b', 'app in (a', '-a=b', `a=${'b'.repeat(5000)}`])(
    'refuses %j',
    (text) => {
      expect(parseLabelQuery(text)).toBeNull();
    },
  );

  it.each(['app=web', 'app!=web', 'tier in (a, b)', 'tier notin (a, b)', 'team', '!legacy', '', 'a=,b=1,!c'])(
    'is written as it was read: %j',
    (text) => {
      expect(labelQueryText(parseLabelQuery(text) ?? [])).toBe(text);
    },
  );
});
