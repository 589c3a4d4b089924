import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { RESOLVERS } from './resolvers.js';
import { OtherObjectModel } from '../inventory/dto/kubernetes-object.model.js';

/** Types that are only met behind an interface. */
export const OBJECT_TYPES = [OtherObjectModel] as const;

const SILENT = { logger: false } as const;

/** The schema as text (SDL), sorted. Needs no database and no server. */
export async function schemaText(): Promise<string> {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, SILENT);
  const schema = await app.get(GraphQLSchemaFactory).create([...RESOLVERS], [], { orphanedTypes: [...OBJECT_TYPES] });
  await app.close();
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
