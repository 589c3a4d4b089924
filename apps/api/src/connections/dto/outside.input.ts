import { Field, InputType, Int } from '@nestjs/graphql';
import { BlastDirectionEnum, ReadingNameEnum } from '../../graphql/model/enums.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType({ isAbstract: true })
class ClusterQuestionModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => ReadingNameEnum, { nullable: true, description: 'ENFORCED when left out.' })
  readonly reading?: string | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'The newest snapshot when left out.' })
  readonly at?: number | string | null;
}

@InputType('EntryPointsInput')
export class EntryPointsInputModel extends ClusterQuestionModel {
  @Field(() => String, { nullable: true, description: 'Only what leads here.' })
  readonly to?: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client; any of the internet when left out.' })
  readonly client?: string | null;
}

@InputType('ExposureInput')
export class ExposureInputModel extends ClusterQuestionModel {
  @Field(() => String, { nullable: true, description: 'Everything when left out.' })
  readonly of?: string | null;
}

@InputType('PolicyLeversInput')
export class PolicyLeversInputModel extends ClusterQuestionModel {
  @Field(() => String, { description: 'What is taken over, or what is reached.' })
  readonly of!: string;

  @Field(() => BlastDirectionEnum, { nullable: true, description: 'FROM when left out.' })
  readonly direction?: string | null;

  @Field(() => Int, { nullable: true, description: 'Connections in a row; 1 when left out.' })
  readonly hops?: number | null;
}

@InputType('BlastRadiusInput')
export class BlastRadiusInputModel extends PolicyLeversInputModel {
  @Field(() => String, { nullable: true, description: 'A label selector: pods that count ten times.' })
  readonly sensitive?: string | null;

  @Field(() => [String], { nullable: true, description: 'Address ranges of other clusters.' })
  readonly range?: readonly string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Also try which policies change it most.' })
  readonly levers?: boolean | null;
}
