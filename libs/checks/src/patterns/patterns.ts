import { protocolName, TCP } from '#engine';
import type { CompiledSnapshot, JsonObject } from '#engine';

import { apiServer } from '../context/api-server.js';
import { AuditContext } from '../context/audit-context.js';
import { DEFAULT_SETTINGS } from '../context/audit-settings.js';
import { blockOf } from '../context/example-address.js';
import { defaultDeny, dnsPolicy, freeName } from '../fix/default-deny.js';
import type { Fix, Prediction } from '../fix/fix.js';
import { applyObjects, networkPolicy } from '../fix/make-fix.js';
import { predictFix } from '../fix/predict-fix.js';

/** A policy that people write again and again, to be filled in from an inventory. */
export interface Pattern {
  readonly id: string;
  /** One line in lower case, without a full stop. */
  readonly title: string;
  /** What it lets through and what it closes. Ends with a full stop. */
  readonly description: string;
}

/** A pattern filled in for a namespace, with what the engine says that it would change. */
export interface FilledPattern {
  readonly pattern: Pattern;
  readonly manifest: string;
  readonly objects: readonly JsonObject[];
  readonly note: string;
  readonly prediction: Prediction;
}

/** Why a pattern cannot be filled in: what the inventory lacks. */
export interface UnfilledPattern {
  readonly pattern: Pattern;
  readonly missing: string;
}

type Fill = (context: AuditContext, namespace: string) => Fix | string;

interface Entry extends Pattern {
  readonly fill: Fill;
}

const ENTRIES: readonly Entry[] = [
  {
    id: 'default-deny',
    title: 'close a namespace by default, with the way to DNS left open',
    description: 'Closes every pod for both directions and allows DNS by the label and the real port of the resolvers.',
    fill: (context, namespace) => defaultDeny(context, namespace, ['ingress', 'egress']),
  },
  {
    id: 'allow-dns',
    title: 'let every pod of a namespace look names up',
    description: 'Allows egress to the resolvers of the cluster, on the ports that they listen on, by UDP and TCP.',
    fill: (context, namespace) => {
      const policy = dnsPolicy(context, namespace);
      return policy === null
        ? 'the inventory has no cluster DNS Service with ready endpoints'
        : applyObjects(`let ${namespace} look names up`, [policy]);
    },
  },
  {
    id: 'namespace-isolation',
    title: 'let pods of a namespace talk to each other and to nobody else',
    description: 'Closes ingress of every pod and admits the pods of the same namespace on every port.',
    fill: (context, namespace) =>
      applyObjects(`isolate ${namespace}`, [
        networkPolicy(namespace, freeName(context, namespace, 'allow-same-namespace'), {
          podSelector: {},
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ podSelector: {} }] }],
        }),
      ]),
  },
  {
    id: 'apiserver-egress',
    title: 'let every pod of a namespace reach the API server',
    description: 'Allows egress to the endpoints of default/kubernetes on their own port, which policy sees.',
    fill: (context, namespace) => {
      const server = apiServer(context);
      if (server === null) return 'the inventory has no endpoints of default/kubernetes';
      const to = server.addresses.map((ip) => ({ ipBlock: { cidr: blockOf(ip) } }));
      const egress = [{ to, ports: [{ protocol: protocolName(TCP), port: server.port }] }];
      const name = freeName(context, namespace, 'allow-apiserver');
      const policy = networkPolicy(namespace, name, { podSelector: {}, policyTypes: ['Egress'], egress });
      return applyObjects(
        `let ${namespace} reach the API server`,
        [policy],
        'the addresses are those of now: change them with the control plane',
      );
    },
  },
];

/** Every pattern, in a fixed order. */
export const PATTERNS: readonly Pattern[] = ENTRIES.map(({ id, title, description }) => ({ id, title, description }));

/**
 * Fills a pattern in for a namespace of a snapshot and has the engine work out what it would open and close. Null when
 * there is no such pattern.
 */
export function fillPattern(
  snapshot: CompiledSnapshot,
  id: string,
  namespace: string,
): FilledPattern | UnfilledPattern | null {
  const entry = ENTRIES.find((each) => each.id === id);
  if (entry === undefined) return null;
  const { fill, ...pattern } = entry;
  if (!snapshot.index.namespaces.has(namespace)) return { pattern, missing: `there is no namespace \`${namespace}\`` };
  const filled = fill(new AuditContext(snapshot, DEFAULT_SETTINGS), namespace);
  if (typeof filled === 'string') return { pattern, missing: filled };
  const { manifest, objects, note } = filled;
  const prediction = predictFix(snapshot, filled) ?? { changes: [], opened: 0, closed: 0 };
  return { pattern, manifest, objects, note, prediction };
}
