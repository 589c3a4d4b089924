import { REPORT_MEDIA_TYPES } from '#analysis';
import { makeReportInput, reportInput, reportQuery, reportsInput } from '#contracts';
import { jobBody } from '../jobs/job.body.js';
import type { Operation } from '../openapi/operation.js';
import { reportBody, reportListBody } from './report.body.js';

const REPORT = '/api/v1/reports/{report}';
const FILES = Object.values(REPORT_MEDIA_TYPES);

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
    files: FILES,
    errors: ['audit.not_found'],
  },
  {
    method: 'post',
    path: '/api/v1/reports',
    id: 'makeReport',
    tag: 'Reports',
    summary: 'Have a report made and kept, of an audit or of a new one; `result` of the job is its address',
    body: makeReportInput,
    status: 202,
    response: jobBody,
    errors: ['cluster.not_found', 'audit.not_found', 'queue.unavailable'],
  },
  {
    method: 'get',
    path: '/api/v1/reports',
    id: 'listReports',
    tag: 'Reports',
    summary: 'Kept reports, the newest first',
    query: reportsInput,
    status: 200,
    response: reportListBody,
    errors: ['cluster.not_found', 'cursor.invalid'],
  },
  {
    method: 'get',
    path: REPORT,
    id: 'getReport',
    tag: 'Reports',
    summary: 'A kept report, compared with the one before or with another one',
    query: reportQuery,
    status: 200,
    response: reportBody,
    errors: ['not_found'],
  },
  {
    method: 'get',
    path: `${REPORT}/files/{format}`,
    id: 'getReportFile',
    tag: 'Reports',
    summary: 'A kept report in one of its forms, byte for byte as it was made',
    status: 200,
    response: null,
    files: FILES,
    errors: ['not_found'],
  },
  {
    method: 'delete',
    path: REPORT,
    id: 'removeReport',
    tag: 'Reports',
    summary: 'Delete a kept report',
    status: 204,
    response: null,
    errors: ['not_found'],
  },
];
