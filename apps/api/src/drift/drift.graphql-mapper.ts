import type {
  ComparedState,
  DriftAnswer,
  DriftEntryAnswer,
  DriftStretchView,
  DriftTimelinePage,
  ObjectDriftAnswer,
  SinceAnswer,
  WhatIfAnswer,
  WhatIfFlows,
} from '#analysis';
import {
  protocolName,
  renderDriftMarkdown,
  type DriftCauseView,
  type DriftSide,
  type DriftSummary,
  type DriftType,
  type FlowImpact,
} from '#engine';
import type { Connection } from '../graphql/model/connection.model.js';
import { withoutNulls } from '../graphql/without-nulls.js';
import { flowsMarkdown, toJudged, whatIfTitle } from './drift.mapper.js';
import { toAnswer, toConnection } from '../graphql/shared.mapper.js';
import { pickRef } from '../rest/provenance.mapper.js';
import type { DriftEntryInputModel, DriftInputModel, SinceInputModel, WhatIfInputModel } from './dto/drift.input.js';
import type {
  ComparedStateModel,
  DriftCauseModel,
  DriftEntryModel,
  DriftModel,
  DriftSideModel,
  DriftStretchModel,
  DriftSummaryModel,
  DriftTypeCountModel,
  ObjectDriftModel,
  ObservedFlowImpactModel,
  SinceModel,
} from './dto/drift.model.js';
import { pageOf, type AskedPage } from '../graphql/page.args.js';
import type { Shape } from '../graphql/model/shape.js';

/** GraphQL's input as the one that every edge shares. */
export function toRawDrift(input: DriftInputModel, page: AskedPage): Record<string, unknown> {
  return { ...toRawStates(input), ...pageOf(page) };
}

/** The two states, and all that is asked of them. */
export function toRawStates({
  against,
  namespaces,
  ...asked
}: DriftInputModel | DriftEntryInputModel): Record<string, unknown> {
  return withoutNulls({
    against: against && withoutNulls(against),
    namespaces: namespaces && Object.fromEntries(namespaces.map(({ from, to }) => [from, to])),
    ...asked,
  });
}

export function toRawWhatIf(
  { promote, promoteAll, flows, ...asked }: WhatIfInputModel,
  page: AskedPage,
): Record<string, unknown> {
  return withoutNulls({
    promote: promoteAll === true ? 'all' : promote,
    flows: flows?.map(withoutNulls),
    ...asked,
    ...pageOf(page),
  });
}

export function toRawSince(input: SinceInputModel): Record<string, unknown> {
  return withoutNulls(input);
}

/** A page of a report. */
export function toDrift(answer: DriftAnswer, args: AskedPage): Shape<DriftModel> {
  return driftModel(answer, args, { flows: null });
}

export function toWhatIf(answer: WhatIfAnswer, args: AskedPage): Shape<DriftModel> {
  return driftModel(answer, args, { flows: answer.flows, title: whatIfTitle(answer) });
}

function driftModel(
  answer: DriftAnswer,
  args: AskedPage,
  { flows, title }: { readonly flows: WhatIfFlows | null; readonly title?: string },
): Shape<DriftModel> {
  const entries = toConnection(answer.entries.map(toEntry), answer, args);
  // Objects may go on where entries end: the page's own cursor leads there.
  const endCursor = answer.nextCursor ?? entries.pageInfo.endCursor;
  return {
    __typename: 'Drift',
    before: toState(answer.before),
    after: toState(answer.after),
    reading: answer.reading,
    summary: toSummary(answer.summary),
    entries: { ...entries, pageInfo: { ...entries.pageInfo, endCursor } },
    objects: answer.objects.map(toObject),
    markdown: renderDriftMarkdown(answer, title) + flowsMarkdown(flows),
    flows: flows === null ? null : flows.affected.map(toFlow),
    judgedFlows: flows === null ? null : toJudged(flows),
    ...toAnswer(answer),
  };
}

function toState(state: ComparedState): Shape<ComparedStateModel> {
  if (state.type === 'manifests') return { label: 'manifests', snapshot: null };
  return { label: state.cluster, snapshot: { seq: state.seq, takenAt: state.takenAt } };
}

function toEntry(entry: DriftEntryAnswer): Shape<DriftEntryModel> {
  return {
    ...entry,
    sources: toSide(entry.sources),
    destinations: toSide(entry.destinations),
    subjects: toSide(entry.subjects),
    causes: entry.causes.map(toCause),
  };
}

export function toCause(cause: DriftCauseView): Shape<DriftCauseModel> {
  return { ...cause, object: cause.object === null ? null : pickRef(cause.object) };
}

function toSide(side: DriftSide | null): Shape<DriftSideModel> | null {
  if (side === null) return null;
  const namespaces = Object.entries(side.namespaces).map(([namespace, endpoints]) => ({ namespace, endpoints }));
  return { ...side, namespaces };
}

function toObject(view: ObjectDriftAnswer): Shape<ObjectDriftModel> {
  return { ...view, object: pickRef(view.object) };
}

function toSummary({ objects, policies, types, ...counts }: DriftSummary): Shape<DriftSummaryModel> {
  return {
    ...counts,
    types: toTypes(types),
    objectsAdded: objects.added,
    objectsRemoved: objects.removed,
    objectsChanged: objects.changed,
    policiesSame: policies.same,
    policiesDifferent: policies.different,
  };
}

function toTypes(types: Readonly<Partial<Record<DriftType, number>>>): Shape<DriftTypeCountModel>[] {
  return Object.entries(types).map(([type, count]) => ({ type, count }));
}

function toFlow({ flow, effect, before, after, why }: FlowImpact): Shape<ObservedFlowImpactModel> {
  const { src, dst, protocol, port } = flow;
  return { src, dst, protocol: protocolName(protocol), port, effect, before, after, why };
}

export function toStretch(view: DriftStretchView): Shape<DriftStretchModel> {
  const { fromBaseline } = view;
  return {
    ...view,
    types: toTypes(view.types),
    fromBaseline: fromBaseline === null ? null : { ...fromBaseline, types: toTypes(fromBaseline.types) },
  };
}

export function toTimeline(page: DriftTimelinePage, args: AskedPage): Connection<Shape<DriftStretchModel>> {
  return toConnection(page.items.map(toStretch), page, args);
}

export function toSince(answer: SinceAnswer): Shape<SinceModel> {
  return { ...answer, ...toAnswer(answer) };
}
