import type { AssertionReport, AssertionTurn, AssertionTurns, KeptAssertions } from '#analysis';
import type { AssertionResult } from '#engine';
import { causeToBody, pointToBody } from '../drift/drift.mapper.js';
import { pageToBody } from '../rest/page.mapper.js';
import { pickRef, provenanceToBody } from '../rest/provenance.mapper.js';
import type { Body } from '../rest/schema-registry.js';
import type {
  assertionEventBody,
  assertionEventsBody,
  assertionReportBody,
  keptAssertionsBody,
} from './assertion.body.js';

export type AssertionReportBody = Body<typeof assertionReportBody>;
export type KeptAssertionsBody = Body<typeof keptAssertionsBody>;
export type AssertionEventBody = Body<typeof assertionEventBody>;
export type AssertionEventsBody = Body<typeof assertionEventsBody>;

export function reportToBody(report: AssertionReport): AssertionReportBody {
  return { counts: report.counts, results: report.results.map(resultToBody), ...provenanceToBody(report) };
}

function resultToBody(result: AssertionResult): AssertionReportBody['results'][number] {
  return {
    ...result,
    breaches: result.breaches.map((breach) => ({ ...breach, policies: breach.policies.map(pickRef) })),
  };
}

export function keptToBody(kept: KeptAssertions): KeptAssertionsBody {
  return {
    source: kept.source,
    updatedAt: kept.updatedAt.toISOString(),
    items: kept.items.map(({ since, result, ...item }) => ({
      ...item,
      since: since === null ? null : pointToBody(since),
      result: result === null ? null : resultToBody(result),
    })),
    ...provenanceToBody(kept),
  };
}

export function turnsToBody(turns: AssertionTurns, limit: number): AssertionEventsBody {
  return { ...pageToBody(turns, limit, turnToBody), ...provenanceToBody(turns) };
}

export function turnToBody({ at, result, causes, ...turn }: AssertionTurn): AssertionEventBody {
  return { ...turn, at: pointToBody(at), result: resultToBody(result), causes: causes.map(causeToBody) };
}
