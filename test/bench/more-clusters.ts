import { count, labels, namespace, pod, policy, tcp, tiersShape } from './clusters.js';
import type { Cluster, Raw } from './clusters.js';
import { PythonRandom } from './python-random.js';

const HTTP = [{ name: 'http', containerPort: 8080 }];

/** Many policies with many rules, peers and ports in each namespace, as large OpenShift clusters have them. */
export function openshiftShape(namespaces = 240, pods = 10, policies = 20): Cluster {
  const random = new PythonRandom(11);
  const objects: unknown[] = [];
  let number = 0;
  for (let i = 0; i < namespaces; i++) {
    const home = `project-${i}`;
    objects.push(namespace(home, { tenant: `tenant-${i % 12}`, stage: i % 3 === 0 ? 'dev' : 'prod' }));
    for (let j = 0; j < pods; j++) {
      objects.push(pod(home, `pod-${j}`, { app: `app-${j}`, part: `part-${j % 4}` }, ++number, HTTP));
    }
    for (let p = 0; p < policies; p++) objects.push(policy(home, `fat-${p}`, fatSpec(p, random)));
  }
  return count(`openshift-${number}`, objects);
}

function fatSpec(place: number, random: PythonRandom): Raw {
  const peers = Array.from({ length: 4 }, () => ({
    namespaceSelector: labels({ tenant: `tenant-${random.randrange(12)}` }),
    podSelector: labels({ part: `part-${random.randrange(4)}` }),
  }));
  const ports = Array.from({ length: 5 }, () => tcp(8000 + random.randrange(40)));
  const rules = (side: 'from' | 'to'): Raw[] =>
    Array.from({ length: 5 }, (_, r) => ({
      [side]: [...peers, { podSelector: {} }].slice(r % 3),
      ports: ports.slice(r),
    }));
  return {
    podSelector: labels({ app: `app-${place % 10}` }),
    policyTypes: place % 2 === 0 ? ['Ingress', 'Egress'] : ['Ingress'],
    ingress: rules('from'),
    ...(place % 2 === 0 ? { egress: rules('to') } : {}),
  };
}

/** Very many small namespaces, after the scale test of Antrea's controller. */
export function antreaShape(namespaces = 25_000, pods = 4): Cluster {
  const objects: unknown[] = [];
  let number = 0;
  for (let i = 0; i < namespaces; i++) {
    const home = `ns-${i}`;
    objects.push(namespace(home));
    for (let j = 0; j < pods; j++) {
      objects.push(pod(home, `pod-${j}`, { 'app-1': 'scale-1', 'app-2': `scale-${j}` }, ++number, HTTP));
    }
    const to = (app: string): Raw[] => [{ podSelector: labels({ 'app-2': app }) }];
    objects.push(
      policy(home, 'deny', { podSelector: labels({ 'app-1': 'scale-1' }), policyTypes: ['Ingress', 'Egress'] }),
      policy(home, 'up', {
        podSelector: labels({ 'app-2': 'scale-0' }),
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: to('scale-1'), ports: [tcp(8080)] }],
        egress: [{ to: to('scale-2') }],
      }),
      policy(home, 'down', {
        podSelector: labels({ 'app-2': 'scale-2' }),
        policyTypes: ['Ingress'],
        ingress: [{ from: to('scale-0'), ports: [tcp(8080)] }],
      }),
    );
  }
  return count(`antrea-${number}`, objects);
}

/** Rules that choose single pods by a label that each pod has to itself, so that no two pods are alike. */
export function adversarialShape(namespaces = 100): Cluster {
  const random = new PythonRandom(13);
  const objects: unknown[] = [];
  const total = namespaces * 20;
  let number = 0;
  for (let i = 0; i < namespaces; i++) {
    const home = `ns-${i}`;
    objects.push(namespace(home));
    for (let j = 0; j < 20; j++) objects.push(pod(home, `pod-${j}`, { id: `p-${number}` }, ++number, HTTP));
    for (let p = 0; p < 5; p++) {
      const some = (): string[] => Array.from({ length: 10 }, () => `p-${random.randrange(total)}`);
      const chosen = (values: readonly string[]): Raw => ({
        matchExpressions: [{ key: 'id', operator: 'In', values }],
      });
      const own = Array.from({ length: 4 }, (_, k) => `p-${i * 20 + p * 4 + k}`);
      objects.push(
        policy(home, `pick-${p}`, {
          podSelector: chosen(own),
          policyTypes: ['Ingress', 'Egress'],
          ingress: [{ from: [{ namespaceSelector: {}, podSelector: chosen(some()) }], ports: [tcp(8080)] }],
          egress: [{ to: [{ namespaceSelector: {}, podSelector: chosen(some()) }] }],
        }),
      );
    }
  }
  return count(`adversarial-${total}`, objects);
}

/** The tiers shape under cluster-wide policies of administrators, so that tiers, passes and denies are in play. */
export function mixedKindShape(namespaces = 50): Cluster {
  const { objects } = tiersShape(namespaces);
  const group = 'policy.networking.k8s.io/v1alpha1';
  const team = (name: string): Raw => ({ namespaces: labels({ team: name }) });
  const admin = (i: number): Raw => ({
    apiVersion: group,
    kind: 'AdminNetworkPolicy',
    metadata: { name: `team-${i}` },
    spec: {
      priority: i + 1,
      subject: team(`team-${i}`),
      ingress: [
        {
          action: 'Deny',
          from: [team(`team-${(i + 1) % 10}`)],
          ports: [{ portNumber: { protocol: 'TCP', port: 5432 } }],
        },
        {
          action: 'Allow',
          from: [team(`team-${(i + 2) % 10}`)],
          ports: [{ portNumber: { protocol: 'TCP', port: 8080 } }],
        },
        { action: 'Pass', from: [{ namespaces: {} }] },
      ],
    },
  });
  const baseline = {
    apiVersion: group,
    kind: 'BaselineAdminNetworkPolicy',
    metadata: { name: 'default' },
    spec: { subject: { namespaces: {} }, egress: [{ action: 'Deny', to: [team('team-9')] }] },
  };
  const all = [...objects, ...Array.from({ length: 10 }, (_, i) => admin(i)), baseline];
  return { ...count(`kinds-${namespaces * 20}`, all), policies: namespaces * 5 + 11 };
}
