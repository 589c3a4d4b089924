import type { Type } from '@nestjs/common';
import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { Shape } from './shape.js';
import { AnswerModel, PageInfoModel } from './shared.model.js';

/** One item of a list, with its place in it. */
export interface Edge<N> {
  readonly cursor: string;
  readonly node: N;
}

/** A page of a list. */
export interface Connection<N> {
  readonly edges: readonly Edge<N>[];
  readonly pageInfo: Shape<PageInfoModel>;
}

/** A page of a list about one snapshot. */
export interface AnswerConnection<N> extends Connection<N>, Shape<AnswerModel> {
  readonly totalCount: number;
}

/** Declares `<name>Edge` for a type. */
export function edgeOf<N extends object>(name: string, node: abstract new () => N): Type<Edge<N>> {
  @ObjectType(`${name}Edge`)
  class EdgeModel {
    @Field(() => String, { description: 'The place behind it, for a list to go on from.' })
    readonly cursor!: string;

    @Field(() => node as Type)
    readonly node!: N;
  }
  return EdgeModel;
}

/** The fields of a page, for a class that adds its own. */
export function pageFieldsOf<N>(edge: Type<Edge<N>>): Type<Connection<N>> {
  @ObjectType({ isAbstract: true })
  class PageModel {
    @Field(() => [edge])
    readonly edges!: readonly Edge<N>[];

    @Field(() => PageInfoModel)
    readonly pageInfo!: PageInfoModel;
  }
  return PageModel;
}

/** The fields of a page about one snapshot, for a class that adds its own. */
export function answerPageFieldsOf<N>(edge: Type<Edge<N>>): Type<Connection<N> & AnswerModel> {
  @ObjectType({ isAbstract: true })
  class AnswerPageModel extends AnswerModel {
    @Field(() => [edge])
    readonly edges!: readonly Edge<N>[];

    @Field(() => PageInfoModel)
    readonly pageInfo!: PageInfoModel;
  }
  return AnswerPageModel;
}

/** Declares `<name>Connection` for a type, and its edge unless there is one. */
export function connectionOf<N extends object>(
  name: string,
  node: abstract new () => N,
  edge: Type<Edge<N>> = edgeOf(name, node),
): Type<Connection<N>> {
  @ObjectType(`${name}Connection`)
  class ConnectionModel extends pageFieldsOf(edge) {}
  return ConnectionModel;
}

/** Declares `<name>Edge` and `<name>Connection` for a list about one snapshot. */
export function answerConnectionOf<N extends object>(
  name: string,
  node: abstract new () => N,
): Type<AnswerConnection<N>> {
  @ObjectType(`${name}Connection`, { implements: () => [AnswerModel] })
  class ConnectionModel extends answerPageFieldsOf(edgeOf(name, node)) {
    readonly __typename: string = `${name}Connection`;

    @Field(() => Int, { description: 'How many there are in all.' })
    readonly totalCount!: number;
  }
  return ConnectionModel;
}
