import { describe, expect, it } from '@jest/globals';

import { yamlItems, yamlKeys, yamlValue } from './yaml-value.js';

describe('a value of YAML', () => {
  it('stands at its keys, in lines, in braces or both', () => {
    const written = [
      'a: x\nb:\n  c:\n    d: deep\n  e: "y z"',
      '{"a":"x","b":{"c":{"d":"deep"},"e":"y z"}}',
      "{a: x, b: {c: {d: deep}, e: 'y z'}}",
      'a: x\nb: {c: {\n  "d" : deep }, e: "y z"}\n',
      '---\r\n  a: x\r\n  b:\r\n\r\n    "c": { d: deep }\r\n    e: y z\r\n',
    ];
    for (const text of written) {
      expect([yamlValue(text, 'a'), yamlValue(text, 'b', 'c', 'd'), yamlValue(text, 'b', 'e')]).toEqual([
        'x',
        'deep',
        'y z',
      ]);
    }
  });

  it('is none of a comment, of another mapping, of a list or of text', () => {
    const none = [
      '# a: x',
      'b: 1 # a: x',
      'b:\n  a: x',
      '{b: {a: x}, c: "a: x", d: [a: x]}',
      'b: |\n  a: x',
      'a:\n  x: 1',
      'a: [x]',
      'a:x',
      '- a: x',
      'a: {x',
      '{a: x',
      '',
    ];
    expect(none.map((text) => yamlValue(text, 'a'))).toEqual(none.map(() => undefined));
    expect(yamlValue('a: x', 'a', 'b')).toBeUndefined();
  });

  it('keeps a `#` that starts no comment', () => {
    expect([yamlValue('a: x#y # z', 'a'), yamlValue('a: "x # y"', 'a'), yamlValue("a: it's # y", 'a')]).toEqual([
      'x#y',
      'x # y',
      "it's",
    ]);
  });

  it('is looked for in time that grows as the text does', () => {
    const hostile = [`a${' '.repeat(200_000)}`, '"'.repeat(200_000), '{'.repeat(200_000), `{${'{a:,'.repeat(50_000)}`];
    const started = process.cpuUsage();
    for (const text of hostile) expect(yamlValue(text, 'b', 'c')).toBeUndefined();
    expect(yamlItems(`a:\n${'- '.repeat(100_000)}`, 'a')).toHaveLength(1);
    expect(yamlItems(`a: [${'['.repeat(200_000)}`, 'a')).toEqual([]);
    const { user, system } = process.cpuUsage(started);
    expect(user + system).toBeLessThan(10_000_000);
  });

  it('may be a mapping with keys of its own', () => {
    const written = [
      'a:\n  x/y: 1\n  z:\n    in: 2\nb: 3',
      'a: {x/y: 1, "z": {in: 2}}\nb: 3',
      '{"a":{"x/y":1,"z":{"in":2}},"b":3}',
    ];
    expect(written.map((text) => yamlKeys(text, 'a'))).toEqual(written.map(() => ['x/y', 'z']));
    expect([yamlKeys('a: x', 'a'), yamlKeys('a:\n- x', 'a'), yamlKeys('', 'a')]).toEqual([[], [], []]);
  });

  it('may be a list, of values or of mappings', () => {
    const written = [
      'a:\n- x\n- "y z" # w\nb: 1',
      'a:\n  - x\n\n  - y z\nb: 1',
      'a: [x, "y z"]\nb: 1',
      'a: [\n  x,\n  "y z",\n]\nb: 1',
      '{"a":["x","y z"],"b":1}',
    ];
    for (const text of written) expect([yamlItems(text, 'a'), yamlValue(text, 'b')]).toEqual([['x', 'y z'], '1']);
    const mappings = [
      'a:\n- name: x\n  to:\n    port: 1\n- name: y\nb: 1',
      'a:\n  -\n    name: x\n    to: {port: 1}\n  - {name: y}',
      '{"a":[{"name":"x","to":{"port":1}},{"name":"y"}]}',
    ];
    for (const text of mappings) {
      const items = yamlItems(text, 'a');
      expect(items.map((item) => [yamlValue(item, 'name'), yamlValue(item, 'to', 'port')])).toEqual([
        ['x', '1'],
        ['y', undefined],
      ]);
    }
    const none = ['a: x', 'a:\n  x: 1', 'b: [x]', '# a: [x]', 'a: []', 'a:', 'a:\nb:\n- x', ''];
    expect(none.map((text) => yamlItems(text, 'a'))).toEqual(none.map(() => []));
    expect(yamlItems('b:\n  a:\n  - x\n  c: 1\na: [y]', 'b', 'a')).toEqual(['x']);
  });
});
