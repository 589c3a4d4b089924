import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { schemaText } from '../../apps/api/src/graphql/graphql-schema.js';
import { expectReviewedCopy } from './reviewed-copy.js';

const HEADER = '# Written by test/contract/graphql-schema.spec.ts with UPDATE_CONTRACTS=1.\n\n';

describe('the GraphQL schema', () => {
  it('is the one that was reviewed', async () => {
    await expectReviewedCopy('schema.graphql', HEADER + (await schemaText()));
  });

  it('is valid SDL with the types that clients are told of', async () => {
    const schema = buildSchema(await schemaText());
    for (const name of ['CanReachResult', 'Reachability', 'EndpointNotFound', 'PodConnection', 'OtherObject', 'Node']) {
      expect(schema.getType(name)).toBeDefined();
    }
  });
});
