import { Field, InputType } from '@nestjs/graphql';
import { FlowStandingEnum, PolicyFormEnum } from '../../graphql/model/enums.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType({ isAbstract: true })
class FlowsInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, {
    description: 'Lines of JSON as their source writes them. REST takes larger files than fit into a question.',
  })
  readonly flows!: string;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@InputType('ExplainFlowsInput')
export class ExplainFlowsInputModel extends FlowsInputModel {
  @Field(() => [FlowStandingEnum], { nullable: true, description: 'Only flows that stand like one of these.' })
  readonly standing?: readonly string[] | null;
}

@InputType('SuggestPoliciesInput')
export class SuggestPoliciesInputModel extends FlowsInputModel {
  @Field(() => PolicyFormEnum, {
    nullable: true,
    description: 'The kind of policy to write; the one that says most of what was seen when left out.',
  })
  readonly form?: string | null;

  @Field(() => [String], { nullable: true, description: 'Only for workloads of these namespaces.' })
  readonly namespace?: readonly string[] | null;
}
