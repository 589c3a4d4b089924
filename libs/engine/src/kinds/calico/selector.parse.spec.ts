import { describe, expect, it } from '@jest/globals';
import type { Labels } from '../../model/index.js';
import { parseSelector } from './selector.parse.js';
import { selects } from './selector.static.js';

function matches(text: string, labels: Labels): boolean {
  const parsed = parseSelector(text);
  if (!('selector' in parsed)) throw new Error(`${text}: ${parsed.message} at ${parsed.at}`);
  return selects(parsed.selector, labels);
}

function fault(text: string): { readonly at: number; readonly message: string } {
  const parsed = parseSelector(text);
  if ('selector' in parsed) throw new Error(`${text} is accepted`);
  return parsed;
}

describe('CAL-20 grammar', () => {
  it.each([
    ['', {}, true],
    ['  \t', {}, true],
    ['all()', {}, true],
    ['all(  )', {}, true],
    ['has(a)', { a: '' }, true],
    ['has( a )', {}, false],
    ["a=='1'", { a: '1' }, true],
    ['a == "it\'s"', { a: "it's" }, true],
    ['!has(a)', {}, true],
    ['!!has(a)', {}, false],
    ['has(a) && has(b) || has(c)', { c: '' }, true],
    ['has(a) && (has(b) || has(c))', { c: '' }, false],
    ['!has(a) && has(b)', { b: '' }, true],
    ['!(has(a) && has(b))', { b: '' }, true],
    ['a in {"1", \'2\'}', { a: '2' }, true],
    ['a in {}', { a: '2' }, false],
    ['a in {"1",}', { a: '1' }, true],
    ['a not in {}', {}, true],
    ['a notin {"1"}', { a: '1' }, false],
    ['a starts with "x"', { a: 'xy' }, true],
    ['a starts\n  with "x"', { a: 'xy' }, true],
    ['a not\r\n in {"x"}', { a: 'x' }, false],
    ['has(\n  a\n)', { a: '' }, true],
    ['all(\n)', {}, true],
    ['a startswith "y"', { a: 'xy' }, false],
    ['a ends with "y"', { a: 'xy' }, true],
    ['a contains "z"', { a: 'xyz1' }, true],
    ['in == "1"', { in: '1' }, true],
    ['not == "1"', { not: '1' }, true],
    ['contains contains "1"', { contains: '01' }, true],
    ['example.com/team-a == "x"', { 'example.com/team-a': 'x' }, true],
  ])('%s over %j is %s', (text, labels, expected) => {
    expect(matches(text, labels as Labels)).toBe(expected);
  });
});

describe('CAL-21 absent labels', () => {
  it.each([
    ['a != "1"', true],
    ['a not in {"1"}', true],
    ['a == ""', false],
    ['a contains ""', false],
    ['a starts with ""', false],
    ['a ends with ""', false],
    ['!(a == "1")', true],
  ])('%s is %s', (text, expected) => {
    expect(matches(text, {})).toBe(expected);
  });
});

describe('faults name their place', () => {
  it.each([
    ['a = "1"', 2, 'expected `==`'],
    ['a == 1', 5, 'expected text in quotes, found `1`'],
    ['a == "1', 5, 'the text that starts here is not closed'],
    ['has(a', 5, 'expected `)` after `has(`'],
    ['has()', 4, 'expected a label key in `has(…)`'],
    ['a', 1, 'expected an operator after `a`, found the end'],
    ['a like "x"', 2, 'expected `==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with` after the label'],
    ['(has(a)', 7, 'expected `)`, found the end'],
    ['has(a) has(b)', 7, 'expected `&&`, `||` or the end, found `b`'],
    ['has(a) &&', 9, 'expected a label, `has(…)`, `all()` or `(`, found the end'],
    ['has(a) & has(b)', 7, 'expected `&&`'],
    ['a in ("1")', 5, 'expected `{`, found `(`'],
    ['a in {"1" "2"}', 10, 'expected `}`, found `2`'],
    ['has(a)\n', 6, 'unexpected character `\\x0a`'],
    ['all(x)', 4, 'expected `)` after `all(`'],
    ['$a == "1"', 0, 'unexpected character `$`'],
  ])('%j at %i: %s', (text, at, message) => {
    expect(fault(text)).toEqual({ at, message });
  });

  it('refuses parentheses that are nested without end, and keys of any length', () => {
    expect(fault('('.repeat(100_000)).message).toContain('nested');
    expect(fault(`${'k'.repeat(600)} == "1"`).message).toContain('512');
    expect(matches(`${'!'.repeat(100_000)}all()`, {})).toBe(true);
  });

  it('does not reach the prototype of label objects', () => {
    const labels = Object.assign(Object.create(null) as Record<string, string>, { a: '1' });
    expect(matches('has(constructor)', labels)).toBe(false);
    expect(matches('!has(__proto__)', labels)).toBe(true);
  });
});
