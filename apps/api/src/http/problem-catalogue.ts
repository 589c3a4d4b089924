import type { ErrorCode } from '#contracts';

/** What a problem type means, whatever the request was. Shown as `title` and on the page that `type` leads to. */
export interface ProblemType {
  readonly title: string;
  readonly meaning: string;
}

export const PROBLEM_TYPES: Readonly<Record<ErrorCode, ProblemType>> = {
  'request.invalid': {
    title: 'Request not valid',
    meaning: 'The body or a parameter is not as described. Each entry of `errors` names one field and what to change.',
  },
  'question.invalid': {
    title: 'Question not valid',
    meaning: 'The question cannot be read. Each entry of `errors` names one field and the forms it may have.',
  },
  'cluster.not_found': {
    title: 'Cluster not found',
    meaning: 'No cluster has this id or name. List the clusters to see which there are.',
  },
  'cluster.exists': {
    title: 'Cluster exists',
    meaning: 'Another cluster has this name. Choose another one, or remove the other cluster first.',
  },
  'cluster.source_invalid': {
    title: 'Cluster source not valid',
    meaning: 'The place a cluster is read from cannot be used as it is described.',
  },
  'cluster.unreachable': {
    title: 'Cluster unreachable',
    meaning: 'The API server did not answer. Try again later, or check the address and the network between.',
  },
  'cluster.credentials_invalid': {
    title: 'Cluster credentials not valid',
    meaning: 'The API server, or the kubeconfig that names it, does not accept the credentials.',
  },
  'cluster.paused': {
    title: 'Cluster paused',
    meaning: 'The cluster is not synchronised at present. Resume it first.',
  },
  'cluster.lease_lost': {
    title: 'Cluster read by another process',
    meaning: 'Another process has taken the cluster over. Whoever read it before must stop.',
  },
  'agent.token_invalid': {
    title: 'Token not valid',
    meaning: 'An agent showed a token that was never issued, was replaced, or went with its cluster.',
  },
  'agent.busy': {
    title: 'Too many batches',
    meaning: 'Other agents are being served. Gather what comes and send it a little later.',
  },
  'snapshot.not_found': {
    title: 'Snapshot not found',
    meaning: 'The cluster has no snapshot at that point. A new cluster has none until it was read once.',
  },
  'endpoint.not_found': {
    title: 'Endpoint not found',
    meaning: 'The question names something that the snapshot does not hold. `near` lists names that are close.',
  },
  'port.not_found': {
    title: 'Port not found',
    meaning: 'The Service has no such port, or no container of the destination has a port of that name.',
  },
  'manifest.invalid': {
    title: 'Manifest not valid',
    meaning: 'A manifest cannot be read. The detail names file, document and field.',
  },
  'upload.too_large': {
    title: 'Upload too large',
    meaning: 'The body is larger than this resource accepts.',
  },
  'upload.unsupported': {
    title: 'Upload not supported',
    meaning: 'Manifests are accepted as YAML, JSON, tar, tar.gz or zip.',
  },
  'cursor.invalid': {
    title: 'Cursor not valid',
    meaning: 'A cursor is only good for the list and the filter that it was issued for. Start again without one.',
  },
  'audit.not_found': { title: 'Audit not found', meaning: 'No audit has this id, or the cluster was not audited yet.' },
  'job.not_found': { title: 'Job not found', meaning: 'No job has this id, or it was removed after it ended.' },
  'job.ended': {
    title: 'Job has ended',
    meaning: 'What a job has done is done. Only one that waits or runs can be cancelled.',
  },
  'job.lease_lost': {
    title: 'Job taken over',
    meaning: 'A worker was too slow and another one took its job. The job is not harmed.',
  },
  'job.lost': {
    title: 'Workers lost',
    meaning: 'Worker after worker went away while it did the job, which is therefore not tried again.',
  },
  'job.part_failed': { title: 'Part of a job failed', meaning: 'Some parts of the job failed. Each says why.' },
  'rate.limited': {
    title: 'Too many requests',
    meaning: 'The caller has used up its share for now. `Retry-After` says when there is more.',
  },
  'idempotency.running': {
    title: 'Request still running',
    meaning: 'The first request with this `Idempotency-Key` is not answered yet. Ask again a little later.',
  },
  'idempotency.mismatch': {
    title: 'Key used for another request',
    meaning: 'This `Idempotency-Key` came with another body before. Take a new key for a new request.',
  },
  unauthenticated: {
    title: 'Not authenticated',
    meaning:
      'The request does not say who asks, or what it says is not accepted. Send `Authorization: Bearer <token>`.',
  },
  forbidden: {
    title: 'Not allowed',
    meaning: 'The caller is known, but no role of it allows this anywhere. Ask an administrator for a grant.',
  },
  not_found: { title: 'Not found', meaning: 'There is nothing at this address.' },
  'precondition.failed': {
    title: 'Changed meanwhile',
    meaning: 'What the request would write is not what `If-Match` says. Read it again, with its `ETag`, then decide.',
  },
  conflict: { title: 'Conflict', meaning: 'The request does not fit the state that the resource is in.' },
  method_not_allowed: {
    title: 'Method not allowed',
    meaning: 'The resource exists and does not take this method. The `Allow` header lists those it takes.',
  },
  not_acceptable: {
    title: 'Form not available',
    meaning: 'The answer cannot be had in a form that `Accept` names. The detail lists those that it can be had in.',
  },
  unsupported_media_type: {
    title: 'Content type not supported',
    meaning: 'The body is in a format that this resource does not read.',
  },
  'database.unavailable': { title: 'Database unavailable', meaning: 'The database does not answer. Try again.' },
  'queue.unavailable': { title: 'Queue unavailable', meaning: 'The job queue does not answer. Try again.' },
  'streams.exhausted': {
    title: 'Too many streams',
    meaning: 'This process has as many event streams open as it may. Try again later, or close some.',
  },
  'startup.failed': { title: 'Start-up failed', meaning: 'The service could not start.' },
  internal: {
    title: 'Internal error',
    meaning: 'Something failed that should not. The log has it under the request id of this answer.',
  },
};

/** Types that are registered for everyone (RFC 9457, section 4.2). */
const REGISTERED: Partial<Readonly<Record<ErrorCode, string>>> = {
  'rate.limited': 'https://iana.org/assignments/http-problem-types#quota-exceeded',
};

/** The address of a problem type: a page of this service that explains it, or the registered one. */
export function problemTypeUri(code: ErrorCode): string {
  const registered = REGISTERED[code];
  if (registered !== undefined) return registered;
  return `/problems/${code}`;
}
