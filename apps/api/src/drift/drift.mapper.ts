import type {
  ComparedState,
  DriftAnswer,
  DriftEntryAnswer,
  DriftStretchView,
  DriftTimelinePage,
  ObjectDriftAnswer,
  SinceAnswer,
  SnapshotPoint,
  WhatIfAnswer,
  WhatIfFlows,
} from '#analysis';
import { protocolName, renderFlowsMarkdown, type DriftCauseView, type FlowImpact, type RuleView } from '#engine';
import { pageToBody } from '../rest/page.mapper.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type { driftBody, driftTimelineBody, sinceBody, whatIfBody } from './drift.body.js';

export type DriftBody = Body<typeof driftBody>;
export type WhatIfBody = Body<typeof whatIfBody>;
export type DriftTimelineBody = Body<typeof driftTimelineBody>;
export type SinceBody = Body<typeof sinceBody>;

/** A page of a report as JSON. */
export function driftToBody(answer: DriftAnswer, limit: number): DriftBody {
  return {
    before: stateToBody(answer.before),
    after: stateToBody(answer.after),
    reading: answer.reading,
    summary: answer.summary,
    entries: answer.entries.map(entryToBody),
    objects: answer.objects.map(objectToBody),
    problems: answer.problems,
    page: { limit, nextCursor: answer.nextCursor },
    ...provenanceToBody(answer),
  };
}

export function whatIfTitle({ asOf }: WhatIfAnswer): string {
  return `What would change in ${asOf.cluster}`;
}

export function whatIfToBody(answer: WhatIfAnswer, limit: number): WhatIfBody {
  const { flows } = answer;
  return {
    ...driftToBody(answer, limit),
    flows: flows === null ? null : { ...toJudged(flows), affected: flows.affected.map(flowToBody) },
  };
}

export function flowsMarkdown(flows: WhatIfFlows | null): string {
  return flows === null ? '' : renderFlowsMarkdown(flows.affected, flows.kept ? toJudged(flows) : null);
}

type JudgedFlows = NonNullable<WhatIfBody['flows']>;

/** Which flows a change was tried on. */
export function toJudged({ given, kept, firstSeen, lastSeen, same }: WhatIfFlows): Omit<JudgedFlows, 'affected'> {
  return {
    given,
    kept,
    firstSeen: firstSeen?.toISOString() ?? null,
    lastSeen: lastSeen?.toISOString() ?? null,
    same,
  };
}

type AffectedFlow = JudgedFlows['affected'][number];

function flowToBody({ flow, effect, before, after, why }: FlowImpact): AffectedFlow {
  const { src, dst, protocol, port } = flow;
  return {
    src,
    dst,
    protocol: protocolName(protocol),
    port,
    effect: effect as AffectedFlow['effect'],
    before,
    after,
    why,
  };
}

function stateToBody(state: ComparedState): DriftBody['before'] {
  return state.type === 'manifests' ? state : { ...state, takenAt: state.takenAt.toISOString() };
}

function entryToBody({ example, causes, happened, ...entry }: DriftEntryAnswer): DriftBody['entries'][number] {
  return {
    ...entry,
    example:
      example === null
        ? null
        : {
            ...example,
            before: { ...example.before, rules: example.before.rules.map(ruleToBody) },
            after: { ...example.after, rules: example.after.rules.map(ruleToBody) },
          },
    causes: causes.map(causeToBody),
    happened: pointOrNull(happened),
  };
}

export function causeToBody(cause: DriftCauseView): DriftBody['entries'][number]['causes'][number] {
  return { ...cause, object: cause.object === null ? null : pickRef(cause.object) };
}

function ruleToBody({ policy, pointer, label }: RuleView) {
  return { policy: pickRef(policy), pointer, label };
}

function objectToBody({ object, happened, ...view }: ObjectDriftAnswer): DriftBody['objects'][number] {
  return { ...view, object: pickRef(object), happened: pointOrNull(happened) };
}

export function pointToBody({ seq, takenAt }: SnapshotPoint): { seq: number; takenAt: string } {
  return { seq, takenAt: takenAt.toISOString() };
}

function pointOrNull(point: SnapshotPoint | null): { seq: number; takenAt: string } | null {
  return point === null ? null : pointToBody(point);
}

export function stretchToBody(view: DriftStretchView): DriftTimelineBody['items'][number] {
  return {
    ...view,
    before: pointToBody(view.before),
    after: pointToBody(view.after),
    computedAt: view.computedAt.toISOString(),
  };
}

export function timelineToBody(page: DriftTimelinePage, limit: number): DriftTimelineBody {
  return { ...pageToBody(page, limit, stretchToBody), ...provenanceToBody(page) };
}

export function sinceToBody(answer: SinceAnswer): SinceBody {
  const { verdict, summary, verdictBefore, summaryBefore, evaluated } = answer;
  return {
    verdict,
    summary,
    since: pointOrNull(answer.since),
    oldest: pointToBody(answer.oldest),
    verdictBefore,
    summaryBefore,
    evaluated,
    ...provenanceToBody(answer),
  };
}
