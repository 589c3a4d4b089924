import { Field, InputType } from '@nestjs/graphql';
import { FlowStandingEnum, PolicyFormEnum, SeenVerdictEnum } from '../../graphql/model/enums.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType({ isAbstract: true })
class FlowsInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Lines of JSON as their source writes them. REST takes larger files than fit into a question.',
  })
  readonly flows?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'The flows that the cluster keeps, in place of `flows`.' })
  readonly kept?: boolean | null;

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

@InputType('KeepFlowsInput')
export class KeepFlowsInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, {
    description: 'Lines of JSON as their source writes them. REST takes larger files than fit into a question.',
  })
  readonly flows!: string;
}

@InputType('KeptFlowFilter', { description: 'All filters must hold.' })
export class KeptFlowFilterModel {
  @Field(() => String, { nullable: true, description: 'At one of the two ends.' })
  readonly namespace?: string | null;

  @Field(() => SeenVerdictEnum, { nullable: true })
  readonly verdict?: string | null;

  @Field(() => String, { nullable: true, description: 'Seen at this time or later, RFC 3339.' })
  readonly since?: string | null;
}
