import { describe, expect, it } from '@jest/globals';

import { renderTable } from './table.js';

describe('renderTable', () => {
  it('pads columns to their widest cell, and nothing at the end of a line', () => {
    const rows = [
      ['shop/web', '', '80'],
      ['db', 'x', ''],
    ];
    expect(renderTable(['NAME', 'A', 'PORT'], rows)).toBe('NAME      A  PORT\nshop/web     80\ndb        x');
  });

  it('takes as many rows as there are', () => {
    const text = renderTable(['REF', 'VERDICT'], Array(200_000).fill(['1', 'allowed']));
    expect(text).toHaveLength('REF  VERDICT'.length + 200_000 * '\n1    allowed'.length);
  });
});
