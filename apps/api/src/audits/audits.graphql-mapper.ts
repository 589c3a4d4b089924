import type { AuditSummary, FindingView, SuppressionRecord } from '#analysis';
import type { Shape } from '../graphql/model/shape.js';
import { toAnswer } from '../graphql/shared.mapper.js';
import { pickRef } from '../rest/provenance.mapper.js';
import type { AuditModel } from './dto/audit.model.js';
import type { FindingModel } from './dto/finding.model.js';
import type { SuppressionModel } from './dto/suppression.model.js';

export function toAuditModel({ outcomes, ...audit }: AuditSummary): Shape<AuditModel> {
  const { 'not-applicable': notApplicable, ...counts } = outcomes;
  return { __typename: 'Audit', outcomes: { notApplicable, ...counts }, ...audit, ...toAnswer(audit) };
}

export function toFindingModel(finding: FindingView): Shape<FindingModel> {
  return {
    ...finding,
    object: finding.object === null ? null : pickRef(finding.object),
    related: finding.related.map(pickRef),
    fix: finding.fix === null ? null : { ...finding.fix, removes: finding.fix.removes.map(pickRef) },
  };
}

export function toSuppressionModel({ checkId, ...suppression }: SuppressionRecord): Shape<SuppressionModel> {
  return { ...suppression, check: checkId };
}
