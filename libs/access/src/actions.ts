/** What a grant lets its holder be. */
export const ROLES = ['viewer', 'operator', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Everything that can be asked of the service, by what it means rather than by where it is asked. */
export type Action =
  /** Clusters and how their reading goes. */
  | 'cluster.read'
  /** Add, change, fill or forget a cluster. */
  | 'cluster.write'
  | 'cluster.resync'
  /** Objects, and what changed of them. */
  | 'inventory.read'
  /** Every question about what can talk to what: reachability, blast radius, drift, what-if. */
  | 'question.ask'
  /** Keep something of one's own beside a cluster: baselines, expectations, results of probes. */
  | 'question.write'
  | 'audit.read'
  | 'audit.run'
  /** Acknowledge or suppress findings. */
  | 'finding.write'
  | 'runbook.read'
  | 'runbook.run'
  | 'job.read'
  | 'job.cancel'
  | 'report.read'
  /** Have a report made and kept, and delete one. */
  | 'report.write'
  /** Channels, and what they were told. */
  | 'channel.read'
  /** Add, change, try and remove channels, and send again. */
  | 'channel.write'
  | 'schedule.read'
  /** Add, change, pause and remove schedules, and run one at once. */
  | 'schedule.write'
  /** Delete what is older than is kept, of every cluster. */
  | 'retention.run'
  /** One's own API tokens. */
  | 'token.own'
  /** The API tokens of everyone. */
  | 'token.manage'
  /** Who asked what. */
  | 'log.read'
  | 'metrics.read'
  /** The queues themselves, of all clusters. */
  | 'queue.read';

const EVERYONE: readonly Role[] = ROLES;
const OPERATORS: readonly Role[] = ['operator', 'admin'];
const AUDITORS: readonly Role[] = ['auditor', 'admin'];

/** Who may do what. An action without a row does not compile. */
export const ROLES_OF_ACTION: Readonly<Record<Action, readonly Role[]>> = {
  'cluster.read': EVERYONE,
  'cluster.write': ['admin'],
  'cluster.resync': OPERATORS,
  'inventory.read': EVERYONE,
  'question.ask': EVERYONE,
  'question.write': OPERATORS,
  'audit.read': EVERYONE,
  'audit.run': OPERATORS,
  'finding.write': OPERATORS,
  'runbook.read': EVERYONE,
  'runbook.run': OPERATORS,
  'job.read': EVERYONE,
  'job.cancel': OPERATORS,
  'report.read': EVERYONE,
  'report.write': ['operator', 'auditor', 'admin'],
  'channel.read': OPERATORS,
  'channel.write': ['admin'],
  'schedule.read': EVERYONE,
  'schedule.write': OPERATORS,
  'retention.run': ['admin'],
  'token.own': EVERYONE,
  'token.manage': ['admin'],
  'log.read': AUDITORS,
  'metrics.read': ['operator', 'auditor', 'admin'],
  'queue.read': ['admin'],
};
