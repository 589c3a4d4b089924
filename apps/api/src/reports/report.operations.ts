import { reportInput } from '#contracts';
import { REPORT_MEDIA_TYPES } from '#analysis';
import type { Operation } from '../openapi/operations.js';

export const REPORT_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/audits/{audit}/report',
    id: 'getAuditReport',
    tag: 'Audits',
    summary: 'The report of an audit as a file: HTML, PDF, CSV, Markdown, JSON, SARIF, JUnit, OSCAL or ClusterReport',
    query: reportInput,
    status: 200,
    response: null,
    files: Object.values(REPORT_MEDIA_TYPES),
    errors: ['audit.not_found'],
  },
];
