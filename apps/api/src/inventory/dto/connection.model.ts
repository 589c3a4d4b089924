import type { Type } from '@nestjs/common';
import { Field, ObjectType } from '@nestjs/graphql';
import type { Shape } from '../../graphql/model/shape.js';
import { AnswerModel, PageInfoModel } from '../../graphql/model/shared.model.js';
import {
  ClusterNodeModel,
  NamespaceModel,
  PodModel,
  PolicyModel,
  ServiceModel,
  WorkloadModel,
} from './kubernetes-object.model.js';

/** A page of objects of one snapshot. */
export interface Connection<N> extends Shape<AnswerModel> {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
  readonly pageInfo: Shape<PageInfoModel>;
}

/** Declares `<name>Edge` and `<name>Connection` for a type. */
function connectionOf<N extends object>(name: string, node: abstract new () => N): Type<Connection<N>> {
  @ObjectType(`${name}Edge`)
  class EdgeModel {
    @Field(() => String)
    readonly cursor!: string;

    @Field(() => node as Type<N>)
    readonly node!: N;
  }

  @ObjectType(`${name}Connection`, { implements: () => [AnswerModel] })
  class ConnectionModel extends AnswerModel {
    readonly __typename: string = `${name}Connection`;

    @Field(() => [EdgeModel])
    readonly edges!: readonly EdgeModel[];

    @Field(() => PageInfoModel)
    readonly pageInfo!: PageInfoModel;
  }
  return ConnectionModel;
}

export const PolicyConnection = connectionOf('Policy', PolicyModel);
export const NamespaceConnection = connectionOf('Namespace', NamespaceModel);
export const PodConnection = connectionOf('Pod', PodModel);
export const WorkloadConnection = connectionOf('Workload', WorkloadModel);
export const ServiceConnection = connectionOf('Service', ServiceModel);
export const ClusterNodeConnection = connectionOf('ClusterNode', ClusterNodeModel);
