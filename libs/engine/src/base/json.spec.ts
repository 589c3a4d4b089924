import { describe, expect, it } from '@jest/globals';

import { scalarTexts } from './json.js';

describe('scalarTexts', () => {
  it('leaves out what has no text of its own, however it is made', () => {
    expect(scalarTexts(['b', 7, true, null, ['x'], { toString: null }])).toEqual(['b', '7', 'true']);
  });
});
