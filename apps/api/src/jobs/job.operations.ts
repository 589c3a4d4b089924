import { jobsInput } from '#contracts';
import type { Operation } from '../openapi/operation.js';
import { jobBody, jobEventBody, jobListBody } from './job.body.js';

const JOB = '/api/v1/jobs/{job}';

export const JOB_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/jobs',
    id: 'listJobs',
    tag: 'Jobs',
    summary: 'Jobs, the newest first; failed ones stay until retention takes them',
    query: jobsInput,
    status: 200,
    response: jobListBody,
    errors: ['cluster.not_found', 'cursor.invalid'],
  },
  {
    method: 'get',
    path: JOB,
    id: 'getJob',
    tag: 'Jobs',
    summary: 'Where a job stands',
    status: 200,
    response: jobBody,
    errors: ['job.not_found'],
  },
  {
    method: 'delete',
    path: JOB,
    id: 'cancelJob',
    tag: 'Jobs',
    summary: 'Cancel a job: at once while it waits, soon when it runs, and a flow with all its parts',
    status: 202,
    response: jobBody,
    errors: ['job.not_found', 'job.ended'],
  },
  {
    method: 'get',
    path: `${JOB}/events`,
    id: 'streamJob',
    tag: 'Jobs',
    summary: 'Progress, findings and end of a job as they come; resumes by `Last-Event-ID`, 204 after the end',
    status: 200,
    response: jobEventBody,
    isStream: true,
    errors: ['job.not_found'],
  },
];
