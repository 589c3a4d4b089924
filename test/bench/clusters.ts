import { PythonRandom } from './python-random.js';

/** A synthetic cluster as raw Kubernetes objects. */
export interface Cluster {
  readonly name: string;
  readonly objects: readonly unknown[];
  readonly pods: number;
  readonly policies: number;
}

export type Raw = Record<string, unknown>;

const NAME_LABEL = 'kubernetes.io/metadata.name';

export function namespace(name: string, labels: Record<string, string> = {}): Raw {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [NAME_LABEL]: name, ...labels } } };
}

export function pod(
  namespaceName: string,
  name: string,
  labels: Record<string, string>,
  number: number,
  ports: readonly { name: string; containerPort: number }[],
  owner?: string,
): Raw {
  const ip = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  const uid = `${namespaceName}-${owner ?? ''}`;
  const ownerReferences =
    owner === undefined
      ? undefined
      : [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid, controller: true }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: namespaceName, labels, ...(ownerReferences === undefined ? {} : { ownerReferences }) },
    spec: { containers: [{ name: 'c', image: 'i', ports }] },
    status: { phase: 'Running', hostIP: `192.168.0.${(number % 250) + 1}`, podIP: ip, podIPs: [{ ip }] },
  };
}

export function policy(namespaceName: string, name: string, spec: Raw): Raw {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: namespaceName },
    spec,
  };
}

export function count(name: string, objects: readonly unknown[]): Cluster {
  const of = (kind: string): number => objects.filter((object) => (object as Raw)['kind'] === kind).length;
  return { name, objects, pods: of('Pod'), policies: of('NetworkPolicy') };
}

export const tcp = (port: number | string, endPort?: number): Raw =>
  endPort === undefined ? { protocol: 'TCP', port } : { protocol: 'TCP', port, endPort };
export const labels = (matchLabels: Record<string, string>): Raw => ({ matchLabels });

/**
 * Per namespace 20 pods without an owner in three tiers and five policies: deny all, one per tier, and one for egress.
 * Every pod has a label of its own that nothing selects.
 */
export function tiersShape(namespaces: number): Cluster {
  const objects: unknown[] = [];
  let number = 0;
  for (let i = 0; i < namespaces; i++) {
    const name = `ns-${i}`;
    const team = `team-${i % 10}`;
    const env = i % 2 === 1 ? 'stage' : 'prod';
    objects.push(namespace(name, { team, env }));
    for (let j = 0; j < 20; j++) {
      number++;
      const tier = ['web', 'api', 'db'][j % 3] as string;
      const own = { app: `app-${j % 10}`, tier, instance: `i-${number}` };
      objects.push(pod(name, `pod-${j}`, own, number, [{ name: 'http', containerPort: 8080 }]));
    }
    objects.push(
      policy(name, 'deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
      policy(name, 'web', {
        podSelector: labels({ tier: 'web' }),
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ namespaceSelector: labels({ team }) }], ports: [tcp(8080)] }],
      }),
      policy(name, 'api', {
        podSelector: labels({ tier: 'api' }),
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: labels({ tier: 'web' }) }], ports: [tcp(8080)] }],
      }),
      policy(name, 'db', {
        podSelector: labels({ tier: 'db' }),
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['api'] }] } }],
            ports: [tcp(5432)],
          },
        ],
      }),
      policy(name, 'out', {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          { to: [{ namespaceSelector: labels({ env }) }] },
          { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }], ports: [tcp(443)] },
        ],
      }),
    );
  }
  return count(`tiers-${namespaces * 20}`, objects);
}

/** Workloads with owners and the policy shapes that real clusters mix; the same cluster for the same seed. */
export function mixedShape(
  namespaces: number,
  workloads: number,
  replicas: number,
  policies: number,
  seed = 7,
): Cluster {
  const random = new PythonRandom(seed);
  const tiers = ['web', 'api', 'db', 'cache', 'job'] as const;
  const teams = ['red', 'green', 'blue', 'gold'] as const;
  const objects: unknown[] = [namespace('kube-system')];
  let number = 0;
  for (let i = 0; i < namespaces; i++) {
    objects.push(namespace(`ns-${i}`, { team: teams[i % 4] as string, env: i % 3 === 0 ? 'dev' : 'prod' }));
  }
  const addPod = (name: string, workload: string, replica: number, own: Record<string, string>, port: number): void => {
    number++;
    const ports = [
      { name: 'http', containerPort: port },
      { name: 'metrics', containerPort: 9090 },
    ];
    objects.push(pod(name, `${workload}-${replica}`, own, number, ports, workload));
  };
  for (let r = 0; r < 2; r++) addPod('kube-system', 'coredns', r, { 'k8s-app': 'kube-dns' }, 53);
  for (let i = 0; i < namespaces; i++) {
    for (let w = 0; w < workloads; w++) {
      const tier = tiers[w % 5] as string;
      for (let r = 0; r < replicas; r++) {
        addPod(`ns-${i}`, `${tier}-${w}`, r, { app: `${tier}-${w}`, tier }, 8000 + (w % 50));
      }
    }
  }
  for (let i = 0; i < namespaces; i++) {
    for (let p = 0; p < policies; p++) {
      const w = random.randrange(workloads);
      const tier = tiers[w % 5] as string;
      const other = tiers[random.randrange(5)] as string;
      objects.push(
        policy(`ns-${i}`, `p-${p}`, mixedSpec(p % 8, { tier, other, app: `${tier}-${w}`, namespaces, random })),
      );
    }
  }
  return count(`mixed-${namespaces * workloads * replicas + 2}`, objects);
}

interface MixedInput {
  readonly tier: string;
  readonly other: string;
  readonly app: string;
  readonly namespaces: number;
  readonly random: PythonRandom;
}

function mixedSpec(kind: number, { tier, other, app, namespaces, random }: MixedInput): Raw {
  switch (kind) {
    case 0:
      return { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
    case 1: {
      const dns = {
        namespaceSelector: labels({ [NAME_LABEL]: 'kube-system' }),
        podSelector: labels({ 'k8s-app': 'kube-dns' }),
      };
      return {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [dns], ports: [{ protocol: 'UDP', port: 53 }, tcp(53)] }],
      };
    }
    case 2:
      return {
        podSelector: labels({ tier }),
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: labels({ tier: other }) }], ports: [tcp(8000 + random.randrange(50))] }],
      };
    case 3: {
      const team = ['red', 'green', 'blue', 'gold'][random.randrange(4)] as string;
      const peer = {
        namespaceSelector: labels({ team }),
        podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: [other, 'web'] }] },
      };
      return {
        podSelector: labels({ app }),
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [peer], ports: [tcp('http')] }],
        egress: [{ to: [{ podSelector: labels({ tier: other }) }] }],
      };
    }
    case 4: {
      const except = `10.${random.randrange(4)}.${random.randrange(256)}.0/24`;
      return {
        podSelector: labels({ tier }),
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [except] } }],
            ports: [tcp(8000, 8001 + random.randrange(60))],
          },
        ],
      };
    }
    case 5:
      return {
        podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [app] }] },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] } }],
            ports: [tcp(9090)],
          },
        ],
      };
    case 6: {
      const target = `ns-${random.randrange(namespaces)}`;
      return {
        podSelector: labels({ tier }),
        policyTypes: ['Egress'],
        egress: [
          { to: [{ namespaceSelector: labels({ [NAME_LABEL]: target }) }], ports: [tcp(8000 + random.randrange(50))] },
        ],
      };
    }
    default:
      return {
        podSelector: labels({ app }),
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [tcp(443)] }],
      };
  }
}
