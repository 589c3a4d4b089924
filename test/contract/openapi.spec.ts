import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../../apps/api/src/openapi/openapi-document.js';
import { expectReviewedCopy } from './reviewed-copy.js';

describe('the OpenAPI description', () => {
  it('is the one that was reviewed', async () => {
    const comment = 'Written by test/contract/openapi.spec.ts with UPDATE_CONTRACTS=1.';
    await expectReviewedCopy(
      'openapi.json',
      `${JSON.stringify({ $comment: comment, ...openApiDocument() }, null, 2)}\n`,
    );
  });

  it('refers only to schemas that it holds', () => {
    const document = openApiDocument();
    const { schemas } = document['components'] as { schemas: Record<string, unknown> };
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
    expect(references.length).toBeGreaterThan(50);
    for (const target of references) {
      expect(Object.keys(schemas)).toContain(target?.replace('#/components/schemas/', ''));
    }
  });
});
