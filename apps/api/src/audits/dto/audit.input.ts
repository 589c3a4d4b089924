import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { auditsInput, auditTrendInput, findingsInput, suppressionsInput } from '#contracts';
import { FindingStateEnum, SeverityEnum, SuppressionFilterEnum } from '../../graphql/model/enums.js';
import { PageArgs } from '../../graphql/page.args.js';
import { SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { SortField } from '../../graphql/sort.field.js';

@InputType('StartAuditInput')
export class StartAuditInputModel {
  @Field(() => [String], { nullable: true, description: 'Names or ids; every cluster when left out.' })
  readonly clusters?: readonly string[] | null;

  @Field(() => [ID], { nullable: true, description: 'The checks to run; all when left out.' })
  readonly checks?: readonly string[] | null;

  @Field(() => SnapshotPointScalar, { nullable: true, description: 'A snapshot number, or an RFC 3339 time.' })
  readonly at?: number | string | null;
}

@InputType('AddSuppressionInput')
export class AddSuppressionInputModel {
  @Field(() => String, { nullable: true, description: 'Name or id; every cluster when left out.' })
  readonly cluster?: string | null;

  @Field(() => ID, { nullable: true, description: 'One finding.' })
  readonly fingerprint?: string | null;

  @Field(() => ID, { nullable: true, description: 'Every finding of this check.' })
  readonly check?: string | null;

  @Field(() => String, { nullable: true })
  readonly namespace?: string | null;

  @Field(() => String, { description: 'Who answers for it.' })
  readonly owner!: string;

  @Field(() => String, { description: 'Why it is accepted.' })
  readonly reason!: string;

  @Field(() => String, { description: 'RFC 3339; at most a year from now.' })
  readonly expiresAt!: string;
}

@InputType('RemoveSuppressionInput')
export class RemoveSuppressionInputModel {
  @Field(() => ID)
  readonly suppression!: string;
}

@ArgsType()
export class AuditsArgs extends PageArgs {
  @SortField(auditsInput)
  readonly sort?: string | null;

  @Field(() => String, { nullable: true, description: 'Name or id.' })
  readonly cluster?: string | null;
}

@ArgsType()
export class AuditTrendArgs extends PageArgs {
  @SortField(auditTrendInput)
  readonly sort?: string | null;

  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => [String], { nullable: true, description: 'Only the scores of these.' })
  readonly namespace?: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only the scores of these, as `PCI DSS 4.0.1`.' })
  readonly framework?: readonly string[] | null;
}

@ArgsType()
export class FindingsArgs extends PageArgs {
  @SortField(findingsInput)
  readonly sort?: string | null;

  @Field(() => [SeverityEnum], { nullable: true })
  readonly severity?: readonly string[] | null;

  @Field(() => [ID], { nullable: true })
  readonly check?: readonly string[] | null;

  @Field(() => [String], { nullable: true })
  readonly namespace?: readonly string[] | null;

  @Field(() => String, { nullable: true, description: 'As `PCI DSS 4.0.1`.' })
  readonly framework?: string | null;

  @Field(() => FindingStateEnum, { nullable: true, description: 'CURRENT when left out.' })
  readonly state?: string | null;

  @Field(() => SuppressionFilterEnum, { nullable: true, description: 'EXCLUDE when left out.' })
  readonly suppressed?: string | null;
}

@ArgsType()
export class SuppressionsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Name or id.' })
  readonly cluster?: string | null;

  @SortField(suppressionsInput)
  readonly sort?: string | null;
}
