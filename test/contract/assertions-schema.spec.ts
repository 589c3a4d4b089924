import { it } from '@jest/globals';
import { z } from 'zod';
import { assertionFile } from '#contracts';
import { expectReviewedCopy } from './reviewed-copy.js';

it('the JSON schema of a file of expectations is the reviewed one', async () => {
  const schema = z.toJSONSchema(assertionFile, { io: 'input' });
  await expectReviewedCopy('../../docs/assertions.schema.json', `${JSON.stringify(schema, null, 2)}\n`);
});
