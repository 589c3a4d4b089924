import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { DriftEntryInputModel } from '../../drift/dto/drift.input.js';
import { JsonScalar } from '../../graphql/json.scalar.js';
import { ProbeOutcomeEnum, ProbePredictionEnum, ProbeWayEnum, VerdictEnum } from '../../graphql/model/enums.js';
import { AnswerModel } from '../../graphql/model/shared.model.js';
import { PortScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@ObjectType('ProbeLine', { description: 'A command for a person to type.' })
export class ProbeLineModel {
  @Field(() => String)
  readonly command!: string;

  @Field(() => [String], { description: 'Its output has one of these in it when the prediction holds.' })
  readonly prints!: readonly string[];
}

@ObjectType('Probe', { description: 'How one flow of an answer is tried out in the cluster.' })
export class ProbeModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String)
  readonly address!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => ProbePredictionEnum)
  readonly predicted!: string;

  @Field(() => ProbeWayEnum)
  readonly way!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'The pod that is made; null where none is.' })
  readonly manifest!: unknown;

  @Field(() => [String])
  readonly setUp!: readonly string[];

  @Field(() => String)
  readonly run!: string;

  @Field(() => [ProbeLineModel], { description: 'The same with one tool at a time.' })
  readonly lines!: readonly ProbeLineModel[];

  @Field(() => [String], { description: 'The lines of which it must print one.' })
  readonly expect!: readonly string[];

  @Field(() => [String])
  readonly cleanUp!: readonly string[];

  @Field(() => [String])
  readonly notes!: readonly string[];
}

@ObjectType('SkippedProbe', { description: 'A flow that cannot be tried out, and why.' })
export class SkippedProbeModel {
  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String)
  readonly why!: string;
}

@ObjectType('ProbePlan', { implements: () => [AnswerModel] })
export class ProbePlanModel extends AnswerModel {
  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => String)
  readonly summary!: string;

  @Field(() => [ProbeModel])
  readonly probes!: readonly ProbeModel[];

  @Field(() => [SkippedProbeModel])
  readonly skipped!: readonly SkippedProbeModel[];

  @Field(() => String, { description: 'All of it for a POSIX shell.' })
  readonly script!: string;
}

@ObjectType('ProbeResult')
export class ProbeResultModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => ProbePredictionEnum)
  readonly predicted!: string;

  @Field(() => ProbeOutcomeEnum, { nullable: true, description: 'Null when it was not told.' })
  readonly observed!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Null when the two cannot be compared.' })
  readonly agrees!: boolean | null;

  @Field(() => [String])
  readonly hints!: readonly string[];
}

@ObjectType('ProbeResults', { implements: () => [AnswerModel] })
export class ProbeResultsModel extends AnswerModel {
  @Field(() => [ProbeResultModel])
  readonly results!: readonly ProbeResultModel[];

  @Field(() => Int)
  readonly agreed!: number;

  @Field(() => Int)
  readonly differed!: number;
}

@InputType('ProbePlanInput')
export class ProbePlanInputModel {
  @Field(() => String)
  readonly cluster!: string;

  @Field(() => String, { nullable: true })
  readonly from?: string | null;

  @Field(() => String, { nullable: true })
  readonly to?: string | null;

  @Field(() => DriftEntryInputModel, { nullable: true, description: 'A difference, in the place of `from` and `to`.' })
  readonly drift?: DriftEntryInputModel | null;

  @Field(() => String, { nullable: true, description: 'TCP when left out.' })
  readonly protocol?: string | null;

  @Field(() => PortScalar, { nullable: true })
  readonly port?: number | string | null;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;

  @Field(() => String, { nullable: true, description: 'Image of the probes.' })
  readonly image?: string | null;
}

@InputType('ProbeResultsInput')
export class ProbeResultsInputModel extends ProbePlanInputModel {
  @Field(() => String, { description: 'What the script printed.' })
  readonly results!: string;
}
