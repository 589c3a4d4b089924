import { ArgsType, Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { assertionEventsInput } from '#contracts';
import { DriftCauseModel, SnapshotMomentModel } from '../../drift/dto/drift.model.js';
import { AssertionOutcomeEnum, ExpectationEnum, VerdictEnum } from '../../graphql/model/enums.js';
import { AnswerModel, ObjectRefModel, PageInfoModel } from '../../graphql/model/shared.model.js';
import { EventIdScalar, PortScalar, SnapshotPointScalar } from '../../graphql/number-or-text.scalar.js';
import { PageArgs } from '../../graphql/page.args.js';
import { EndpointModel } from '../../reachability/dto/reachability.model.js';
import { SortField } from '../../graphql/sort.field.js';

@ObjectType('AssertionBreach', { description: 'A pair that is not as expected.' })
export class AssertionBreachModel {
  @Field(() => String)
  readonly from!: string;

  @Field(() => String)
  readonly to!: string;

  @Field(() => String)
  readonly protocol!: string;

  @Field(() => PortScalar, { nullable: true, description: 'By number or name, null for any.' })
  readonly port!: number | string | null;

  @Field(() => VerdictEnum, { nullable: true, description: 'Null when a peer is not there.' })
  readonly verdict!: string | null;

  @Field(() => String)
  readonly summary!: string;

  @Field(() => EndpointModel, { nullable: true })
  readonly source!: EndpointModel | null;

  @Field(() => EndpointModel, { nullable: true })
  readonly destination!: EndpointModel | null;

  @Field(() => [ObjectRefModel])
  readonly policies!: readonly ObjectRefModel[];
}

@ObjectType('AssertionResult')
export class AssertionResultModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly owner!: string;

  @Field(() => ExpectationEnum)
  readonly expect!: string;

  @Field(() => AssertionOutcomeEnum)
  readonly outcome!: string;

  @Field(() => Int, { description: 'Combinations of peers and ports.' })
  readonly checked!: number;

  @Field(() => Int)
  readonly broken!: number;

  @Field(() => [AssertionBreachModel], { description: 'The first 50.' })
  readonly breaches!: readonly AssertionBreachModel[];
}

@ObjectType('AssertionCounts', { description: 'Expectations by what came of them.' })
export class AssertionCountsModel {
  @Field(() => Int)
  readonly pass!: number;

  @Field(() => Int)
  readonly fail!: number;

  @Field(() => Int)
  readonly unknown!: number;

  @Field(() => Int)
  readonly error!: number;
}

@ObjectType('AssertionReport', { implements: () => [AnswerModel], description: 'What came of a file of expectations.' })
export class AssertionReportModel extends AnswerModel {
  @Field(() => AssertionCountsModel)
  readonly counts!: AssertionCountsModel;

  @Field(() => [AssertionResultModel])
  readonly results!: readonly AssertionResultModel[];

  @Field(() => String, { description: 'The same as JUnit XML.' })
  readonly junit!: string;
}

@ObjectType('Assertion', { description: 'An expectation that is kept for a cluster.' })
export class AssertionModel {
  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly owner!: string;

  @Field(() => ExpectationEnum)
  readonly expect!: string;

  @Field(() => AssertionOutcomeEnum, { nullable: true, description: 'Null before its first check.' })
  readonly outcome!: string | null;

  @Field(() => SnapshotMomentModel, { nullable: true })
  readonly since!: SnapshotMomentModel | null;

  @Field(() => AssertionResultModel, { nullable: true })
  readonly result!: AssertionResultModel | null;
}

@ObjectType('Assertions', { implements: () => [AnswerModel], description: 'The expectations of a cluster.' })
export class AssertionsModel extends AnswerModel {
  @Field(() => String, { nullable: true, description: 'The file; null for who may not see all that it may name.' })
  readonly source!: string | null;

  @Field(() => Date)
  readonly updatedAt!: Date;

  @Field(() => [AssertionModel])
  readonly items!: readonly AssertionModel[];
}

@ObjectType('RemoveAssertionsPayload')
export class RemoveAssertionsPayloadModel {
  @Field(() => String, { description: 'The cluster, as it was named.' })
  readonly cluster!: string;
}

@ObjectType('AssertionEvent', { description: 'An expectation that broke, or holds again.' })
export class AssertionEventModel {
  @Field(() => String)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String)
  readonly owner!: string;

  @Field(() => AssertionOutcomeEnum, { nullable: true })
  readonly before!: string | null;

  @Field(() => AssertionOutcomeEnum)
  readonly after!: string;

  @Field(() => SnapshotMomentModel)
  readonly at!: SnapshotMomentModel;

  @Field(() => AssertionResultModel)
  readonly result!: AssertionResultModel;

  @Field(() => [DriftCauseModel], { description: 'What changed that turned it.' })
  readonly causes!: readonly DriftCauseModel[];
}

@ObjectType('AssertionEventPage')
export class AssertionEventPageModel {
  @Field(() => [AssertionEventModel])
  readonly items!: readonly AssertionEventModel[];

  @Field(() => PageInfoModel)
  readonly pageInfo!: PageInfoModel;
}

@InputType('CheckAssertionsInput')
export class CheckAssertionsInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { description: 'A file of expectations, YAML or JSON.' })
  readonly assertions!: string;

  @Field(() => SnapshotPointScalar, { nullable: true })
  readonly at?: number | string | null;
}

@InputType('SetAssertionsInput')
export class SetAssertionsInputModel {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { description: 'A file of expectations, YAML or JSON.' })
  readonly assertions!: string;
}

@ObjectType('SetAssertionsPayload')
export class SetAssertionsPayloadModel {
  @Field(() => AssertionsModel)
  readonly assertions!: AssertionsModel;
}

@ArgsType()
export class AssertionEventsArgs extends PageArgs {
  @SortField(assertionEventsInput)
  readonly sort?: string | null;

  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => String, { nullable: true, description: 'Of this expectation only.' })
  readonly name?: string;
}

@ArgsType()
export class AssertionEventStreamArgs {
  @Field(() => String, { description: 'Name or id.' })
  readonly cluster!: string;

  @Field(() => EventIdScalar, {
    nullable: true,
    description: 'Go on behind the event of this id; from now on when left out.',
  })
  readonly after?: number | string | null;
}
