import { describe, it } from '@jest/globals';

import { catalogueText, loadChecks } from '#checks';

import { expectReviewedCopy } from './reviewed-copy.js';

describe('the catalogue of checks', () => {
  it('is the one that was reviewed', async () => {
    await expectReviewedCopy('checks.md', catalogueText(await loadChecks()));
  });
});
