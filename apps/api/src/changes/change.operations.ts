import { SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { changeBody, changeListBody } from './change.body.js';
import { changesQuery, changeStreamQuery } from './changes.query.js';

export const CHANGE_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/changes',
    id: 'listChanges',
    tag: 'Inventory',
    summary: 'What changed, newest first: of every cluster, or of one',
    query: changesQuery,
    status: 200,
    response: changeListBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'get',
    path: '/api/v1/changes/stream',
    id: 'streamChanges',
    tag: 'Inventory',
    summary: 'Changes as they come, as server-sent events; `Last-Event-ID` goes on behind an earlier one',
    query: changeStreamQuery,
    status: 200,
    response: changeBody,
    isStream: true,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid', 'streams.exhausted'],
  },
];
