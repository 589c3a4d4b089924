import type { Type } from '@nestjs/common';
import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { Shape } from './shape.js';
import { AnswerModel, PageInfoModel } from './shared.model.js';

/** A page of a list. */
export interface Connection<N> {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
  readonly pageInfo: Shape<PageInfoModel>;
}

/** A page of a list about one snapshot. */
export interface AnswerConnection<N> extends Connection<N>, Shape<AnswerModel> {
  readonly totalCount: number;
}

function edgeOf(name: string, node: abstract new () => object): Type {
  @ObjectType(`${name}Edge`)
  class EdgeModel {
    @Field(() => String)
    readonly cursor!: string;

    @Field(() => node as Type)
    readonly node!: object;
  }
  return EdgeModel;
}

/** Declares `<name>Edge` and `<name>Connection` for a type. */
export function connectionOf<N extends object>(name: string, node: abstract new () => N): Type<Connection<N>> {
  const edge = edgeOf(name, node);

  @ObjectType(`${name}Connection`)
  class ConnectionModel {
    @Field(() => [edge])
    readonly edges!: readonly { cursor: string; node: N }[];

    @Field(() => PageInfoModel)
    readonly pageInfo!: PageInfoModel;
  }
  return ConnectionModel;
}

/** Declares `<name>Edge` and `<name>Connection` for a list about one snapshot. */
export function answerConnectionOf<N extends object>(
  name: string,
  node: abstract new () => N,
): Type<AnswerConnection<N>> {
  const edge = edgeOf(name, node);

  @ObjectType(`${name}Connection`, { implements: () => [AnswerModel] })
  class ConnectionModel extends AnswerModel {
    readonly __typename: string = `${name}Connection`;

    @Field(() => [edge])
    readonly edges!: readonly { cursor: string; node: N }[];

    @Field(() => PageInfoModel)
    readonly pageInfo!: PageInfoModel;

    @Field(() => Int, { description: 'How many there are in all.' })
    readonly totalCount!: number;
  }
  return ConnectionModel;
}
