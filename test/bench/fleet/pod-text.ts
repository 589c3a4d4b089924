import { type SentMetadata, metadataItem } from '../../support/metadata-protobuf.js';

/** Where a name, the hash of a set, a number and a version go in a pod's text. */
const SLOTS = /@(NAME|SET|NUMBER|VERSION|TURN)@/;
/** Pods of a ReplicaSet. */
const REPLICAS = 10;

/** A pod as a kube-apiserver sends it, managed fields and status and all: about 3 kB. */
function podObject(): unknown {
  const probe = { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 1 };
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'api-@SET@',
    uid: 'owner-uid-@SET@',
    controller: true,
  };
  const managed = (manager: string): unknown => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {}, 'f:tier': {}, 'f:turn': {} } },
      'f:spec': {
        'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:ports': {}, 'f:resources': {} } },
      },
    },
  });
  return {
    metadata: {
      name: '@NAME@',
      namespace: 'shop',
      uid: 'uid-@NAME@',
      resourceVersion: '@VERSION@',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'api', tier: 'middle', 'pod-template-hash': '@SET@', turn: '@TURN@' },
      annotations: { 'kubernetes.io/config.seen': '2026-01-01T00:00:00Z', checksum: 'a'.repeat(64) },
      ownerReferences: [owner],
      managedFields: [managed('kube-controller-manager'), managed('kubelet')],
    },
    spec: {
      nodeName: 'node-1',
      serviceAccountName: 'default',
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
      containers: [
        {
          name: 'main',
          image: 'registry.example/shop/api:1.2.3',
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [{ name: 'LOG_LEVEL', value: 'info' }],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          livenessProbe: probe,
          readinessProbe: probe,
          volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
        },
      ],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
      volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    },
    status: {
      phase: 'Running',
      hostIP: '192.168.0.1',
      podIP: '10.0.@NUMBER@',
      podIPs: [{ ip: '10.0.@NUMBER@' }],
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({ type, status: 'True' })),
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, image: 'registry.example/shop/api:1.2.3' }],
    },
  };
}

const PARTS = JSON.stringify(podObject()).split(SLOTS);
/** Managed fields included, as the server sends them. */
const METADATA_PARTS = JSON.stringify((podObject() as { metadata: unknown }).metadata).split(SLOTS);

/** The text of pod number `index` (0 to 65,535). */
export function podText(index: number, version: number, turn: number): string {
  return filled(PARTS, index, version, turn);
}

/** Its metadata alone, as an item of a list in protobuf. */
export function podMetadata(index: number, version: number, turn: number): Buffer {
  return metadataItem(JSON.parse(filled(METADATA_PARTS, index, version, turn)) as SentMetadata);
}

function filled(parts: readonly string[], index: number, version: number, turn: number): string {
  const set = `7d9c5b${Math.floor(index / REPLICAS)
    .toString(36)
    .padStart(4, '0')}`;
  const values: Record<string, string> = {
    NAME: `api-${set}-${index.toString(36).padStart(5, '0')}`,
    SET: set,
    NUMBER: `${index >> 8}.${index & 255}`,
    VERSION: String(version),
    TURN: String(turn),
  };
  return parts.map((part, at) => (at % 2 === 0 ? part : values[part])).join('');
}
