import { ArgsType, Field, InputType } from '@nestjs/graphql';
import { runbookRunsInput } from '#contracts';
import { RunResultEnum } from '../../graphql/model/enums.js';
import { PageArgs } from '../../graphql/page.args.js';
import { SortField } from '../../graphql/sort.field.js';
import { PortScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';

@InputType('RunRunbookInput')
export class RunRunbookInputModel {
  @Field(() => String, { description: 'Name or id of the cluster.' })
  readonly cluster!: string;

  @Field(() => String, {
    description: 'Its id or number, or what a pager shows: a `runbook_url` or the name of an alert.',
  })
  readonly runbook!: string;

  @Field(() => String, { nullable: true, description: 'Who connects, as in `canReach`.' })
  readonly from?: string;

  @Field(() => String, { nullable: true, description: 'To whom, as in `canReach`.' })
  readonly to?: string;

  @Field(() => String, { nullable: true })
  readonly protocol?: string;

  @Field(() => PortScalar, { nullable: true, description: 'By number or name.' })
  readonly port?: number | string;

  @Field(() => String, { nullable: true })
  readonly namespace?: string;

  @Field(() => String, { nullable: true })
  readonly node?: string;

  @Field(() => String, { nullable: true, description: 'YAML or JSON that nobody has applied yet.' })
  readonly manifests?: string;

  @Field(() => SnapshotPointScalar, {
    nullable: true,
    description: 'The time of the symptom, or the number of a snapshot; now when left out.',
  })
  readonly at?: number | string;

  @Field(() => Boolean, { nullable: true, description: 'Go on behind the step that settles it.' })
  readonly all?: boolean;
}

@ArgsType()
export class RunbookRunsArgs extends PageArgs {
  @Field(() => String, { description: 'Name or id of the cluster.' })
  readonly cluster!: string;

  @Field(() => String, { nullable: true, description: 'Runs of this runbook alone.' })
  readonly runbook?: string | null;

  @Field(() => RunResultEnum, { nullable: true, description: 'Runs that ended so alone.' })
  readonly result?: string | null;

  @SortField(runbookRunsInput)
  readonly sort?: string | null;
}
