import { crossClusterInput, fleetInput, probePlanInput, probeResultsInput } from '#contracts';
import { QUESTION_ERRORS, type Operation } from '../openapi/operation.js';
import { crossClusterBody, fleetBody, fleetEventBody, probePlanBody, probeResultsBody } from './fleet.body.js';
import { fleetQuery, fleetStreamQuery } from './fleet.query.js';

/** Operations about several clusters, and about trying answers out. */
export const FLEET_OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/v1/fleet/reachability',
    id: 'askFleet',
    tag: 'Reachability',
    summary: 'The same question to many clusters; each answer as it comes as NDJSON',
    query: fleetQuery,
    body: fleetInput,
    status: 200,
    response: fleetBody,
    forms: ['ndjson'],
    errors: ['question.invalid', 'not_acceptable'],
  },
  {
    method: 'get',
    path: '/api/v1/fleet/reachability/stream',
    id: 'streamFleet',
    tag: 'Reachability',
    summary: 'The same question as a link; each answer as it comes as a server-sent event, the counts last',
    query: fleetStreamQuery,
    status: 200,
    response: fleetEventBody,
    isStream: true,
    errors: ['streams.exhausted'],
  },
  {
    method: 'post',
    path: '/api/v1/paths',
    id: 'crossCluster',
    tag: 'Reachability',
    summary: 'Can an endpoint of one cluster reach one of another, by which ways, and what is not known?',
    body: crossClusterInput,
    status: 200,
    response: crossClusterBody,
    errors: QUESTION_ERRORS,
  },
  {
    method: 'post',
    path: '/api/v1/probes',
    id: 'planProbes',
    tag: 'Reachability',
    summary:
      'The commands that verify an answer or a difference in its cluster, what each must print, and how to clean up',
    body: probePlanInput,
    status: 200,
    response: probePlanBody,
    errors: [...QUESTION_ERRORS, 'not_found'],
  },
  {
    method: 'post',
    path: '/api/v1/probes/results',
    id: 'judgeProbes',
    tag: 'Reachability',
    summary: 'What probes saw against what was predicted, and what a difference hints at',
    body: probeResultsInput,
    status: 200,
    response: probeResultsBody,
    errors: [...QUESTION_ERRORS, 'not_found'],
  },
];
