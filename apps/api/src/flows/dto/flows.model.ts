import { Field, Int, ObjectType } from '@nestjs/graphql';
import { answerPageFieldsOf, edgeOf } from '../../graphql/model/connection.model.js';
import {
  DirectionEnum,
  FlowStandingEnum,
  PolicyFormEnum,
  SeenVerdictEnum,
  VerdictEnum,
} from '../../graphql/model/enums.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';
import { RuleModel } from '../../reachability/dto/reachability.model.js';
import { PredictionModel } from '../../runbooks/dto/runbook.model.js';

@ObjectType('FlowProblem', { description: 'A line that cannot be read.' })
export class FlowProblemModel {
  @Field(() => Int)
  readonly line!: number;

  @Field(() => String)
  readonly message!: string;
}

@ObjectType('LeftOutRecords', { description: 'Records that are no flows.' })
export class LeftOutRecordsModel {
  @Field(() => String, { description: 'What they are, as `replies`.' })
  readonly what!: string;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('FlowFile', { description: 'What became of a file of flows.' })
export class FlowFileModel {
  @Field(() => Int)
  readonly flows!: number;

  @Field(() => [String], { description: 'What the records are of, as `Hubble`.' })
  readonly sources!: readonly string[];

  @Field(() => [FlowProblemModel], { description: 'The first 100.' })
  readonly problems!: readonly FlowProblemModel[];

  @Field(() => Int)
  readonly problemCount!: number;

  @Field(() => [LeftOutRecordsModel])
  readonly leftOut!: readonly LeftOutRecordsModel[];

  @Field(() => Int, { description: 'Flows that the source says it could not keep.' })
  readonly lost!: number;

  @Field(() => String, { description: 'RFC 3339, empty when the source does not tell it.' })
  readonly firstSeen!: string;

  @Field(() => String)
  readonly lastSeen!: string;
}

@ObjectType({ isAbstract: true })
abstract class SeenFlowModel {
  @Field(() => String)
  readonly source!: string;

  @Field(() => String)
  readonly destination!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => Int)
  readonly count!: number;

  @Field(() => String)
  readonly why!: string;
}

@ObjectType('ExplainedFlow', { description: 'A flow that was seen, joined to the policies that decide it.' })
export class ExplainedFlowModel extends SeenFlowModel {
  @Field(() => SeenVerdictEnum)
  readonly seen!: string;

  @Field(() => [String], { description: 'Why it was dropped, as its source says.' })
  readonly reasons!: readonly string[];

  @Field(() => [String], { description: 'Policies that decided, as its source says.' })
  readonly told!: readonly string[];

  @Field(() => String, { description: 'RFC 3339, empty when the source does not tell it.' })
  readonly firstSeen!: string;

  @Field(() => String)
  readonly lastSeen!: string;

  @Field(() => FlowStandingEnum)
  readonly standing!: string;

  @Field(() => VerdictEnum, { nullable: true, description: 'Null when a peer is not in the inventory.' })
  readonly intended!: string | null;

  @Field(() => VerdictEnum, { nullable: true })
  readonly enforced!: string | null;

  @Field(() => [RuleModel])
  readonly rules!: readonly RuleModel[];

  @Field(() => String, { description: 'What to look at next, empty when nothing is odd.' })
  readonly hint!: string;
}

@ObjectType('FlowStandingCount')
export class FlowStandingCountModel {
  @Field(() => FlowStandingEnum)
  readonly standing!: string;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('ExplainedFlowConnection', { implements: () => [AnswerModel] })
export class ExplainedFlowPageModel extends answerPageFieldsOf(edgeOf('ExplainedFlow', ExplainedFlowModel)) {
  readonly __typename = 'ExplainedFlowConnection';

  @Field(() => FlowFileModel)
  readonly read!: FlowFileModel;

  @Field(() => [FlowStandingCountModel], { description: 'Of all flows, not of the page alone.' })
  readonly standings!: readonly FlowStandingCountModel[];
}

@ObjectType('SuggestedAllow')
export class SuggestedAllowModel {
  @Field(() => DirectionEnum)
  readonly direction!: string;

  @Field(() => String)
  readonly peer!: string;

  @Field(() => String)
  readonly ports!: string;

  @Field(() => Int, { description: 'How often it was seen; 0 for what is let through unseen.' })
  readonly count!: number;
}

@ObjectType('SuggestedPolicy', { description: 'The least that lets through what one workload was seen to do.' })
export class SuggestedPolicyModel {
  @Field(() => String)
  readonly workload!: string;

  @Field(() => String)
  readonly namespace!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: 'YAML.' })
  readonly manifest!: string;

  @Field(() => [SuggestedAllowModel])
  readonly allows!: readonly SuggestedAllowModel[];
}

@ObjectType('CutFlow', { description: 'A flow that was seen and that would not pass.' })
export class CutFlowModel extends SeenFlowModel {}

@ObjectType('FlowSuggestions', {
  implements: () => [AnswerModel],
  description: 'Policies made from flows, proved on the snapshot. Nothing is applied.',
})
export class FlowSuggestionsModel extends AnswerModel {
  readonly __typename = 'FlowSuggestions';

  @Field(() => FlowFileModel)
  readonly read!: FlowFileModel;

  @Field(() => PolicyFormEnum)
  readonly form!: string;

  @Field(() => [SuggestedPolicyModel])
  readonly policies!: readonly SuggestedPolicyModel[];

  @Field(() => String, { description: 'All of them, as YAML.' })
  readonly manifest!: string;

  @Field(() => PredictionModel)
  readonly prediction!: PredictionModel;

  @Field(() => Int, { description: 'Flows that passed and still do.' })
  readonly kept!: number;

  @Field(() => [CutFlowModel])
  readonly cut!: readonly CutFlowModel[];

  @Field(() => [String])
  readonly notes!: readonly string[];
}

@ObjectType('KeepFlows', { implements: () => [AnswerModel], description: 'What became of flows that were to be kept.' })
export class KeepFlowsModel extends AnswerModel {
  readonly __typename = 'KeepFlows';

  @Field(() => FlowFileModel)
  readonly read!: FlowFileModel;

  @Field(() => Int, { description: 'Flows, added up by workload, that are new or were added to.' })
  readonly kept!: number;

  @Field(() => Int)
  readonly refused!: number;

  @Field(() => [String], {
    description: 'Peers why: not in the inventory, where you may not look, or more than one workload; the first 100.',
  })
  readonly unnamed!: readonly string[];

  @Field(() => Int, { description: 'Flows not seen for longest that went to make room.' })
  readonly dropped!: number;
}

@ObjectType('KeptFlow', { description: 'A flow that a cluster keeps.' })
export class KeptFlowModel {
  @Field(() => String, { description: 'As in a question: `workload:shop/web`, `ip:203.0.113.9`.' })
  readonly source!: string;

  @Field(() => String)
  readonly destination!: string;

  @Field(() => [String], { description: 'That the destination was looked up by.' })
  readonly hostNames!: readonly string[];

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => SeenVerdictEnum)
  readonly seen!: string;

  @Field(() => [String])
  readonly reasons!: readonly string[];

  @Field(() => [String], { description: 'Policies that decided, as the source says.' })
  readonly told!: readonly string[];

  @Field(() => Int)
  readonly count!: number;

  @Field(() => String, { description: 'RFC 3339.' })
  readonly firstSeen!: string;

  @Field(() => String)
  readonly lastSeen!: string;

  @Field(() => [String], { description: 'What told it, as `Hubble`.' })
  readonly origins!: readonly string[];
}

@ObjectType('KeptFlowConnection', { implements: () => [AnswerModel] })
export class KeptFlowPageModel extends answerPageFieldsOf(edgeOf('KeptFlow', KeptFlowModel)) {
  readonly __typename = 'KeptFlowConnection';

  @Field(() => Int, { description: 'Of all that you may see, whatever the filter.' })
  readonly totalCount!: number;

  @Field(() => String, { nullable: true })
  readonly firstSeen!: string | null;

  @Field(() => String, { nullable: true })
  readonly lastSeen!: string | null;
}
