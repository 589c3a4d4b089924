import { externalEndpoint, TCP } from '#engine';
import type { Endpoint } from '#engine';

import { apiServer } from '../context/api-server.js';
import { nameObjects, type AuditContext, type NamespaceView } from '../context/audit-context.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { defaultDeny } from '../fix/default-deny.js';
import { exceptBlocks, rulesThatAdmit } from '../fix/except-blocks.js';
import { conclude, type FindingDraft } from '../model/finding.js';

interface Reached {
  readonly pod: Endpoint;
  readonly target: Target;
}

interface Target {
  readonly endpoint: Endpoint;
  readonly port: number;
}

/** EXP-11. */
export const check = defineCheck({
  id: 'node-and-control-plane-reachable',
  number: 'EXP-11',
  area: 'exposure',
  core: false,
  title: 'pods may reach the kubelet, etcd or the API server',
  description:
    'Finds pods outside the namespaces of the platform whose egress admits the kubelet of a node, etcd, or, where they run under the default service account and so have no business there, the API server.',
  remediation: 'Close the egress of the namespace, and allow the API server to the workloads that talk to it.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'namespace',
  reads: 'compiled',
  needs: [...PODS_AND_POLICIES, 'Node'],
  compliance: ['K05(2025)', '190-4.3.3'],
  references: ['https://kubernetes.io/docs/reference/networking/ports-and-protocols/', REFERENCES.hardening],
  run(context) {
    const places = placesOf(context);
    const findings = context.namespaces
      .filter(({ system }) => !system)
      .flatMap((namespace): FindingDraft[] => findingFor(context, namespace, places) ?? []);
    const examined = context.namespaces.length;
    const isOpen = examined > 0 && places.nodes.length === 0;
    const open = isOpen ? ['the inventory has no nodes, so whether pods reach them cannot be told'] : [];
    return conclude({ examined, findings, open, nothing: 'there are no pods' });
  },
});

/** Where what should not be reached is. */
interface Places {
  readonly nodes: readonly Endpoint[];
  readonly apiServer: Target | null;
}

function placesOf(context: AuditContext): Places {
  const server = apiServer(context);
  const [address] = server?.addresses ?? [];
  return {
    nodes: context.snapshot.endpoints.filter(({ kind }) => kind === 'node'),
    apiServer:
      server === null || address === undefined ? null : { endpoint: externalEndpoint(address), port: server.port },
  };
}

function findingFor(context: AuditContext, namespace: NamespaceView, places: Places): FindingDraft[] | null {
  const open = TARGETS.flatMap((what) => {
    const reached = namespace.pods.flatMap((pod) => {
      const target = targetOf(places, pod, what);
      return target !== null && reaches(context, pod, target) ? [{ pod, target }] : [];
    });
    return reached[0] === undefined ? [] : [{ what, first: reached[0], reached }];
  });
  const [worst] = open;
  if (worst === undefined) return null;
  const { pod: source, target } = worst.first;
  return [
    {
      title: `pods of ${namespace.name} may reach ${open.map(({ what }) => what).join(', ')}`,
      scope: 'namespace',
      object: namespace.ref,
      evidence: open.map(({ what, first, reached }) => ({
        what: `${what}, port ${first.target.port}`,
        value: nameObjects(reached.map(({ pod }) => workloadRef(pod))),
      })),
      counterexample: context.flow(source, target.endpoint, TCP, target.port),
      fix: closed(
        context,
        namespace.name,
        open.flatMap(({ reached }) => reached),
      ),
    },
  ];
}

/** What no policy closes is closed by default; what a rule admits is excepted from its block. */
function closed(context: AuditContext, namespace: string, reached: readonly Reached[]): FindingDraft['fix'] {
  const isOpen = ({ pod }: Reached): boolean => context.isolation(pod, 'egress').isolated !== 'yes';
  const admitted = reached.filter((one) => !isOpen(one));
  const deny = reached.some(isOpen) ? defaultDeny(context, namespace, ['egress']) : null;
  if (admitted.length === 0) return deny;
  const nodes = context.snapshot.endpoints.filter(({ kind }) => kind === 'node').flatMap(({ ips }) => ips);
  const addresses = [...nodes, ...(apiServer(context)?.addresses ?? [])];
  const rules = rulesThatAdmit(
    context,
    admitted.map(({ pod, target }) => ({ pod, target: target.endpoint, port: target.port })),
  );
  return exceptBlocks(context, rules, addresses, {
    title: `except nodes and API server from what ${namespace} may reach`,
    note: 'bound to addresses: say it anew when nodes come; rules without blocks need peers of their own',
    beside: deny?.objects ?? [],
  });
}

const TARGETS = ['the kubelet', 'etcd', 'the API server'] as const;
const PORTS = { 'the kubelet': 10_250, etcd: 2379 } as const;

/** What a pod should not reach; null for what is not known, or is its business. */
function targetOf(places: Places, pod: Endpoint, what: (typeof TARGETS)[number]): Target | null {
  if (what !== 'the API server') {
    // A pod always reaches the node that it runs on, whatever policy says.
    const node = places.nodes.find(({ name }) => name !== pod.node);
    return node === undefined ? null : { endpoint: node, port: PORTS[what] };
  }
  const isItsBusiness = pod.serviceAccount !== 'default' && pod.serviceAccount !== '';
  return isItsBusiness ? null : places.apiServer;
}

function reaches(context: AuditContext, pod: Endpoint, { endpoint, port }: Target): boolean {
  return context.verdict(pod, endpoint, TCP, port) === 'allow';
}
