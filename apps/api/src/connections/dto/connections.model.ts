import { Field, Int, ObjectType } from '@nestjs/graphql';
import { answerPageFieldsOf, edgeOf } from '../../graphql/model/connection.model.js';
import { EdgeStateEnum, GraphNodeKindEnum } from '../../graphql/model/enums.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';

@ObjectType('ListPeer', { description: 'One side of a row: what is told as one.' })
export class ListPeerModel {
  @Field(() => String, { description: 'As `Pod`, `Deployment`, `Namespace`, `Node`, or `Addresses` for the outside.' })
  readonly kind!: string;

  @Field(() => String, { description: 'Empty for nodes and addresses.' })
  readonly namespace!: string;

  @Field(() => String, { description: 'Of addresses their ranges.' })
  readonly name!: string;
}

@ObjectType('PortRange', { description: 'Inclusive at both ends.' })
export class PortRangeModel {
  @Field(() => Int)
  readonly from!: number;

  @Field(() => Int)
  readonly to!: number;
}

@ObjectType('ProtocolPorts')
export class ProtocolPortsModel {
  @Field(() => String)
  readonly protocol!: string;

  @Field(() => [PortRangeModel])
  readonly ports!: readonly PortRangeModel[];
}

@ObjectType({ isAbstract: true })
class ConnectionFieldsModel {
  @Field(() => String, { description: '`all`, or as `TCP 80, 443; UDP 53`.' })
  readonly connections!: string;

  @Field(() => [ProtocolPortsModel])
  readonly protocols!: readonly ProtocolPortsModel[];

  @Field(() => Int, { description: 'Pairs of endpoints with some connection.' })
  readonly pairs!: number;

  @Field(() => Int, { description: 'All pairs that were looked at.' })
  readonly of!: number;
}

@ObjectType('Connection', { description: 'What some endpoint of one peer may open to some other endpoint of another.' })
export class ConnectionRowModel extends ConnectionFieldsModel {
  @Field(() => ListPeerModel)
  readonly source!: ListPeerModel;

  @Field(() => ListPeerModel)
  readonly destination!: ListPeerModel;
}

@ObjectType('ConnectionConnection', { implements: () => [AnswerModel], description: 'A page of connections.' })
export class ConnectionPageModel extends answerPageFieldsOf(edgeOf('Connection', ConnectionRowModel)) {
  readonly __typename = 'ConnectionConnection';

  @Field(() => String, { nullable: true, description: 'What is not told because it cannot be.' })
  readonly caveat!: string | null;
}

@ObjectType('MatrixCell')
export class MatrixCellModel extends ConnectionFieldsModel {
  @Field(() => Int, { description: 'Place in `peers`.' })
  readonly source!: number;

  @Field(() => Int, { description: 'Place in `peers`.' })
  readonly destination!: number;
}

@ObjectType('ConnectionMatrix', {
  implements: () => [AnswerModel],
  description: 'Peers against peers; what has no connection has no cell.',
})
export class ConnectionMatrixModel extends AnswerModel {
  readonly __typename = 'ConnectionMatrix';

  @Field(() => [ListPeerModel])
  readonly peers!: readonly ListPeerModel[];

  @Field(() => [MatrixCellModel])
  readonly cells!: readonly MatrixCellModel[];

  @Field(() => String, { nullable: true, description: 'What is not told because it cannot be.' })
  readonly caveat!: string | null;
}

@ObjectType('GraphGroup')
export class GraphGroupModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly label!: string;
}

@ObjectType('GraphNode')
export class GraphNodeModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly label!: string;

  @Field(() => String)
  readonly detail!: string;

  @Field(() => GraphNodeKindEnum)
  readonly kind!: string;

  @Field(() => String, { description: 'Id of its group, empty for none.' })
  readonly group!: string;

  @Field(() => [String], { nullable: true, description: 'The names of several that it stands for.' })
  readonly names?: readonly string[] | null;
}

@ObjectType('GraphEdge', { description: 'An arrow between nodes or whole groups.' })
export class GraphEdgeModel {
  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String, { description: 'Empty for every port.' })
  readonly label!: string;

  @Field(() => EdgeStateEnum)
  readonly state!: string;

  @Field(() => Boolean)
  readonly both!: boolean;
}

@ObjectType('ConnectionGraph', {
  implements: () => [AnswerModel],
  description: 'A picture as data, and drawn. Beyond 50 nodes workloads are told as namespaces.',
})
export class ConnectionGraphModel extends AnswerModel {
  readonly __typename = 'ConnectionGraph';

  @Field(() => String)
  readonly title!: string;

  @Field(() => [GraphGroupModel])
  readonly groups!: readonly GraphGroupModel[];

  @Field(() => [GraphNodeModel])
  readonly nodes!: readonly GraphNodeModel[];

  @Field(() => [GraphEdgeModel])
  readonly edges!: readonly GraphEdgeModel[];

  @Field(() => String, { description: 'What is left out or drawn together.' })
  readonly note!: string;

  @Field(() => String, { nullable: true, description: 'What is not told because it cannot be.' })
  readonly caveat!: string | null;
}
