import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Audits, CheckCatalogue, Findings, type Check } from '#analysis';
import { auditInput, auditsInput, findingsInput, parseInput } from '#contracts';
import type { Connection } from '../graphql/model/connection.model.js';
import { FieldAction } from '../access/action.decorator.js';
import type { Shape } from '../graphql/model/shape.js';
import { orNull } from '../graphql/or-null.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { filtersOf, pageOf } from '../graphql/page.args.js';
import { toConnection } from '../graphql/shared.mapper.js';
import { toJobModel } from '../jobs/jobs.resolver.js';
import { toAuditModel, toFindingModel } from './audits.graphql-mapper.js';
import { AuditsArgs, FindingsArgs, StartAuditInputModel } from './dto/audit.input.js';
import {
  AuditConnection,
  AuditModel,
  CheckModel,
  CheckResultModel,
  StartAuditPayloadModel,
} from './dto/audit.model.js';
import { PredictionModel } from '../runbooks/dto/runbook.model.js';
import { FindingConnection, type FindingModel } from './dto/finding.model.js';
import { AuditScoresModel } from './dto/score.model.js';

@Resolver(() => AuditModel)
export class AuditsResolver {
  constructor(
    @Inject(Audits) private readonly audits: Audits,
    @Inject(Findings) private readonly findings: Findings,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
  ) {}

  @Query(() => [CheckModel], { name: 'checks', description: 'Every check that an audit runs, by number.' })
  @FieldAction('audit.read')
  async listChecks(): Promise<readonly Shape<CheckModel>[]> {
    return (await this.catalogue.all()).map(toCheckModel);
  }

  @Query(() => AuditConnection, {
    name: 'audits',
    description: 'Audits, the newest first.',
  })
  @FieldAction('audit.read')
  async list(@Args() args: AuditsArgs): Promise<Connection<Shape<AuditModel>>> {
    const page = await this.audits.list(parseInput(auditsInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(toAuditModel), page, args);
  }

  @Query(() => AuditModel, { nullable: true, description: 'One audit, null when there is none.' })
  @FieldAction('audit.read')
  audit(@Args('id', { type: () => ID }) id: string): Promise<Shape<AuditModel> | null> {
    return orNull('audit.not_found', async () => toAuditModel(await this.audits.get(id)));
  }

  @Query(() => AuditModel, { nullable: true, description: 'The newest audit of a cluster, null while there is none.' })
  @FieldAction('audit.read')
  latestAudit(
    @Args('cluster', { type: () => String, description: 'Name or id.' }) ref: string,
  ): Promise<Shape<AuditModel> | null> {
    return orNull('audit.not_found', async () => toAuditModel(await this.audits.latest(ref)));
  }

  @ResolveField(() => [CheckResultModel], { description: 'What each check came to.' })
  @FieldAction('audit.read')
  async checks(@Parent() audit: AuditModel): Promise<readonly Shape<CheckResultModel>[]> {
    return (await this.audits.get(audit.id)).checks;
  }

  @ResolveField(() => AuditScoresModel, { description: 'As a whole, by namespace and by framework.' })
  @FieldAction('audit.read')
  scores(@Parent() audit: AuditModel): Promise<Shape<AuditScoresModel>> {
    return this.audits.scores(audit.id);
  }

  @ResolveField(() => FindingConnection, { name: 'findings', description: 'The worst first.' })
  @FieldAction('audit.read')
  async listFindings(
    @Parent() audit: AuditModel,
    @Args() args: FindingsArgs,
  ): Promise<Connection<Shape<FindingModel>>> {
    const page = await this.findings.list(audit.id, parseInput(findingsInput, { ...filtersOf(args), ...pageOf(args) }));
    return toConnection(page.items.map(toFindingModel), page, args);
  }

  @ResolveField(() => PredictionModel, {
    nullable: true,
    description: 'What the fix of a finding would change, null without a manifest.',
  })
  @FieldAction('audit.read')
  async prediction(
    @Parent() audit: AuditModel,
    @Args('fingerprint', { type: () => ID }) fingerprint: string,
  ): Promise<Shape<PredictionModel> | null> {
    return (await this.findings.get(audit.id, fingerprint)).prediction;
  }

  @Mutation(() => StartAuditPayloadModel, {
    description: 'Starts an audit: a job for one cluster, a flow of jobs for several.',
  })
  @FieldAction('audit.run')
  async startAudit(
    @Args('input', { type: () => StartAuditInputModel }) input: StartAuditInputModel,
  ): Promise<Shape<StartAuditPayloadModel>> {
    return { job: toJobModel(await this.audits.start(parseInput(auditInput, withoutNulls(input)))) };
  }
}

function toCheckModel({ run: _, reads: __, needs: ___, ...check }: Check): Shape<CheckModel> {
  return check;
}
