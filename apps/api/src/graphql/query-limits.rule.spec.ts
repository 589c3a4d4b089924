import { describe, expect, it } from '@jest/globals';
import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { MAX_ALIASES, MAX_DEPTH, MAX_ROOT_FIELDS, queryLimits } from './query-limits.rule.js';

const schema = buildSchema('type Query { a: Query b: Int }');
const codes = (query: string): unknown[] =>
  validate(schema, parse(query), [queryLimits]).map((error) => error.extensions['code']);
const nested = (depth: number): string => `${'{ a '.repeat(depth - 1)}{ b }${' }'.repeat(depth - 1)}`;

describe('queryLimits', () => {
  it('accepts the deepest operation that is allowed and refuses one level more', () => {
    expect(codes(nested(MAX_DEPTH))).toEqual([]);
    expect(codes(nested(MAX_DEPTH + 1))).toEqual(['DEPTH_LIMIT_EXCEEDED']);
  });

  it('counts what fragments add', () => {
    const query = `{ a { ...f } } fragment f on Query ${nested(MAX_DEPTH)}`;
    expect(codes(query)).toEqual(['DEPTH_LIMIT_EXCEEDED']);
  });

  it('limits aliases and root fields', () => {
    const aliased = (count: number): string =>
      `{ a { ${Array.from({ length: count }, (_, i) => `x${i}: b`).join(' ')} } }`;
    expect(codes(aliased(MAX_ALIASES))).toEqual([]);
    expect(codes(aliased(MAX_ALIASES + 1))).toEqual(['ALIAS_LIMIT_EXCEEDED']);
    expect(codes(`{ ${'b '.repeat(MAX_ROOT_FIELDS + 1)} }`)).toEqual(['ROOT_FIELD_LIMIT_EXCEEDED']);
  });

  it('lets introspection pass', () => {
    expect(codes(getIntrospectionQuery())).toEqual([]);
  });

  it('measures fragments that use each other twice in no time', () => {
    const chain = Array.from({ length: 60 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(
      ' ',
    );
    const started = performance.now();
    codes(`{ ...f0 } ${chain} fragment f60 on Query { b }`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
