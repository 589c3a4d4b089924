import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, isObjectType } from 'graphql';
import { schemaText } from '../../apps/api/src/graphql/graphql-schema.js';
import { expectReviewedCopy } from './reviewed-copy.js';

const HEADER = '# Written by test/contract/graphql-schema.spec.ts with UPDATE_CONTRACTS=1.\n\n';

/** Lists whose order is part of what they tell. */
const OF_ONE_ORDER = ['cniNodes', 'labels', 'policiesOfPod', 'selected'];

describe('the GraphQL schema', () => {
  it('is the one that was reviewed', async () => {
    await expectReviewedCopy('schema.graphql', HEADER + (await schemaText()));
  });

  it('sorts by the keys of its REST route every list that can be walked from both ends', async () => {
    const schema = buildSchema(await schemaText());
    const fields = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .flatMap((type) => Object.values(type.getFields()));
    const has = (field: (typeof fields)[number], name: string): boolean => field.args.some((arg) => arg.name === name);
    const walked = fields.filter((field) => has(field, 'last'));
    expect(walked.length).toBeGreaterThan(20);
    expect(
      walked
        .filter((field) => !has(field, 'sort'))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(OF_ONE_ORDER);
  });

  it('is valid SDL with the types that clients are told of', async () => {
    const schema = buildSchema(await schemaText());
    for (const name of ['CanReachResult', 'Reachability', 'EndpointNotFound', 'PodConnection', 'OtherObject', 'Node']) {
      expect(schema.getType(name)).toBeDefined();
    }
  });
});
