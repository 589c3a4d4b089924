import { assertionEventsInput, checkAssertionsInput, setAssertionsInput } from '#contracts';
import { CLUSTER, SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { assertionEventsBody, assertionReportBody, keptAssertionsBody } from './assertion.body.js';
import { junitQuery } from './assertions.query.js';

export const ASSERTION_OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/v1/assertions/check',
    id: 'checkAssertions',
    tag: 'Assertions',
    summary: 'Check a file of expectations that nobody keeps; JUnit XML with `Accept: application/xml`',
    query: junitQuery,
    body: checkAssertionsInput,
    status: 200,
    response: assertionReportBody,
    errors: SNAPSHOT_ERRORS,
  },
  {
    method: 'get',
    path: `${CLUSTER}/assertions`,
    id: 'getAssertions',
    tag: 'Assertions',
    summary: 'The expectations that a cluster keeps, and how they stand',
    status: 200,
    response: keptAssertionsBody,
    errors: [...SNAPSHOT_ERRORS, 'not_found'],
  },
  {
    method: 'put',
    path: `${CLUSTER}/assertions`,
    id: 'setAssertions',
    tag: 'Assertions',
    summary: 'Keep a file of expectations for a cluster, checked now and after each snapshot',
    body: setAssertionsInput,
    status: 200,
    response: keptAssertionsBody,
    errors: SNAPSHOT_ERRORS,
  },
  {
    method: 'delete',
    path: `${CLUSTER}/assertions`,
    id: 'removeAssertions',
    tag: 'Assertions',
    summary: 'Forget the expectations of a cluster',
    status: 204,
    response: null,
    errors: [...SNAPSHOT_ERRORS, 'not_found'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/assertions/events`,
    id: 'listAssertionEvents',
    tag: 'Assertions',
    summary: 'When expectations broke or held again, newest first, with what changed',
    query: assertionEventsInput,
    status: 200,
    response: assertionEventsBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
];
