import type { AuditSummary, FindingView, SuppressionRecord } from '#analysis';
import type { Shape } from '../graphql/model/shape.js';
import { toAnswer } from '../graphql/shared.mapper.js';
import { pickRef } from '../rest/provenance.mapper.js';
import type { AuditModel } from './dto/audit.model.js';
import type { FindingModel } from './dto/finding.model.js';
import type { SuppressionModel } from './dto/suppression.model.js';

export function toAuditModel({ outcomes: _, ...audit }: AuditSummary): Shape<AuditModel> {
  return { __typename: 'Audit', ...audit, ...toAnswer(audit) };
}

export function toFindingModel(finding: FindingView): Shape<FindingModel> {
  return {
    ...finding,
    object: finding.object === null ? null : pickRef(finding.object),
    related: finding.related.map(pickRef),
  };
}

export function toSuppressionModel({ checkId, ...suppression }: SuppressionRecord): Shape<SuppressionModel> {
  return { ...suppression, check: checkId };
}
