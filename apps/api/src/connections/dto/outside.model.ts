import { Field, Int, ObjectType } from '@nestjs/graphql';
import { answerPageFieldsOf, edgeOf } from '../../graphql/model/connection.model.js';
import {
  BlastDirectionEnum,
  LeverChangeEnum,
  ReachStateEnum,
  SeenAsEnum,
  VerdictEnum,
} from '../../graphql/model/enums.js';
import { AnswerModel, ObjectRefModel } from '../../graphql/model/shared.model.js';
import { FixModel, ReachabilityModel } from '../../reachability/dto/reachability.model.js';
import { JobModel } from '../../jobs/dto/job.model.js';
import { ListPeerModel } from './connections.model.js';

@ObjectType('EntryPoint', { description: 'One way in from outside.' })
export class EntryPointModel {
  @Field(() => String, { description: 'As `LoadBalancer`, `NodePort`, `Ingress`, `Gateway`.' })
  readonly via!: string;

  @Field(() => ObjectRefModel)
  readonly object!: ObjectRefModel;

  @Field(() => String)
  readonly pointer!: string;

  @Field(() => String)
  readonly listens!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => Int, { nullable: true })
  readonly port!: number | null;

  @Field(() => String)
  readonly service!: string;

  @Field(() => [String])
  readonly backends!: readonly string[];

  @Field(() => SeenAsEnum)
  readonly seenAs!: string;

  @Field(() => VerdictEnum)
  readonly verdict!: string;

  @Field(() => String)
  readonly why!: string;
}

@ObjectType('EntryPoints', { implements: () => [AnswerModel] })
export class EntryPointsModel extends AnswerModel {
  readonly __typename = 'EntryPoints';

  @Field(() => [EntryPointModel])
  readonly items!: readonly EntryPointModel[];
}

@ObjectType('ProtectedDirections')
export class ProtectedModel {
  @Field(() => Boolean)
  readonly ingress!: boolean;

  @Field(() => Boolean)
  readonly egress!: boolean;
}

@ObjectType('SelectedExposure')
export class SelectedExposureModel {
  @Field(() => String)
  readonly selector!: string;

  @Field(() => String)
  readonly connections!: string;
}

@ObjectType('Exposure', { description: 'What one workload is open to.' })
export class ExposureModel {
  @Field(() => ListPeerModel)
  readonly peer!: ListPeerModel;

  @Field(() => Int)
  readonly endpoints!: number;

  @Field(() => ProtectedModel)
  readonly protected!: ProtectedModel;

  @Field(() => String)
  readonly fromInternet!: string;

  @Field(() => String)
  readonly fromAnyPod!: string;

  @Field(() => [SelectedExposureModel])
  readonly fromSelected!: readonly SelectedExposureModel[];

  @Field(() => String)
  readonly toInternet!: string;

  @Field(() => String)
  readonly toAnyPod!: string;
}

@ObjectType('ExposureConnection', { implements: () => [AnswerModel] })
export class ExposurePageModel extends answerPageFieldsOf(edgeOf('Exposure', ExposureModel)) {
  readonly __typename = 'ExposureConnection';

  @Field(() => String, { nullable: true, description: 'What is not told because it cannot be.' })
  readonly caveat!: string | null;
}

@ObjectType('NamespaceReach')
export class NamespaceReachModel {
  @Field(() => String)
  readonly namespace!: string;

  @Field(() => Int)
  readonly reached!: number;

  @Field(() => Int)
  readonly total!: number;
}

@ObjectType('LandmarkReach')
export class LandmarkReachModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => ReachStateEnum)
  readonly state!: string;

  @Field(() => Int, { nullable: true })
  readonly hop!: number | null;

  @Field(() => [String])
  readonly via!: readonly string[];
}

@ObjectType('BlastTarget')
export class BlastTargetModel {
  @Field(() => ListPeerModel)
  readonly peer!: ListPeerModel;

  @Field(() => Int)
  readonly endpoints!: number;

  @Field(() => Int)
  readonly hop!: number;

  @Field(() => Boolean)
  readonly sensitive!: boolean;

  @Field(() => [String])
  readonly path!: readonly string[];
}

@ObjectType('PolicyLever', { description: 'A policy that would change what is within reach.' })
export class PolicyLeverModel {
  @Field(() => LeverChangeEnum)
  readonly change!: string;

  @Field(() => ObjectRefModel)
  readonly policy!: ObjectRefModel;

  @Field(() => String)
  readonly title!: string;

  @Field(() => Int)
  readonly reached!: number;

  @Field(() => Int)
  readonly difference!: number;
}

@ObjectType('PolicyLevers')
export class PolicyLeversModel {
  @Field(() => [PolicyLeverModel])
  readonly levers!: readonly PolicyLeverModel[];

  @Field(() => Int)
  readonly tried!: number;

  @Field(() => Int)
  readonly candidates!: number;
}

@ObjectType('PolicyLeverReport', { implements: () => [AnswerModel], description: 'What trying all of them found.' })
export class PolicyLeverReportModel extends AnswerModel {
  readonly __typename = 'PolicyLeverReport';

  @Field(() => String, { description: 'What is taken over, or what is reached.' })
  readonly of!: string;

  @Field(() => BlastDirectionEnum)
  readonly direction!: string;

  @Field(() => Int, { nullable: true, description: 'Null for as far as it goes.' })
  readonly hops!: number | null;

  @Field(() => [PolicyLeverModel])
  readonly levers!: readonly PolicyLeverModel[];

  @Field(() => Int)
  readonly tried!: number;

  @Field(() => Int)
  readonly candidates!: number;
}

@ObjectType('TryPolicyLeversPayload')
export class TryPolicyLeversPayloadModel {
  @Field(() => JobModel)
  readonly job!: JobModel;
}

@ObjectType('BlastRadius', { implements: () => [AnswerModel] })
export class BlastRadiusModel extends AnswerModel {
  readonly __typename = 'BlastRadius';

  @Field(() => String)
  readonly start!: string;

  @Field(() => Int)
  readonly starts!: number;

  @Field(() => Int)
  readonly reached!: number;

  @Field(() => Int)
  readonly of!: number;

  @Field(() => Int, { description: 'A sensitive endpoint counts 10.' })
  readonly weight!: number;

  @Field(() => Int)
  readonly sensitive!: number;

  @Field(() => [Int])
  readonly byHop!: readonly number[];

  @Field(() => [NamespaceReachModel])
  readonly byNamespace!: readonly NamespaceReachModel[];

  @Field(() => [LandmarkReachModel])
  readonly landmarks!: readonly LandmarkReachModel[];

  @Field(() => [BlastTargetModel])
  readonly targets!: readonly BlastTargetModel[];

  @Field(() => Int)
  readonly targetsLeftOut!: number;

  @Field(() => String, { nullable: true, description: 'What is not told because it cannot be.' })
  readonly caveat!: string | null;

  @Field(() => PolicyLeversModel, { nullable: true })
  readonly levers!: PolicyLeversModel | null;
}

@ObjectType('FixPrediction', { description: 'What applying a fix, after those before it, would open and close.' })
export class FixPredictionModel {
  @Field(() => [String])
  readonly opens!: readonly string[];

  @Field(() => [String])
  readonly closes!: readonly string[];

  @Field(() => Int, { description: 'Pairs of endpoints.' })
  readonly opened!: number;

  @Field(() => Int)
  readonly closed!: number;
}

@ObjectType('PredictedFix')
export class PredictedFixModel extends FixModel {
  @Field(() => FixPredictionModel, { nullable: true })
  readonly prediction!: FixPredictionModel | null;
}

@ObjectType('Why', { description: 'An answer with what each of its fixes would open and close.' })
export class WhyModel {
  @Field(() => ReachabilityModel)
  readonly answer!: ReachabilityModel;

  @Field(() => [PredictedFixModel])
  readonly fixes!: readonly PredictedFixModel[];

  @Field(() => String, { description: 'The path as SVG.' })
  readonly svg!: string;
}
