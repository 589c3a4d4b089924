import { byWorkload, formatCidr, parseCidr, type CompiledSnapshot, type PeerNaming } from '#engine';
import { podOfVirtualMachine } from '#manifests';

type Raw = Readonly<Record<string, unknown>>;

/** The API version of today for kinds that a reader by kind alone accepts in any version. */
const VERSIONS: Readonly<Record<string, string>> = {
  Namespace: 'v1',
  Pod: 'v1',
  Service: 'v1',
  Deployment: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
};
const OLD_VERSION = /^(extensions\/|apps\/|batch\/|v1$)/;

/**
 * What the manifest tools (np-guard, nca) take for granted of an object: they read old API versions, and they look neither
 * at a pod's phase nor whether it is ready, so that a finished pod counts like any other; nca takes Calico's
 * WorkloadEndpoints for pods. Other corpora are read as they are.
 */
function adaptObject(corpus: string, raw: unknown): unknown {
  if (!/^(np-guard|nca)-/.test(corpus) || typeof raw !== 'object' || raw === null) return raw;
  const object = raw as Raw;
  const version = VERSIONS[String(object['kind'])];
  const current =
    version !== undefined && OLD_VERSION.test(String(object['apiVersion']))
      ? { ...object, apiVersion: version }
      : object;
  if (current['kind'] === 'WorkloadEndpoint') return podOfWorkloadEndpoint(current);
  const machine = podOfVirtualMachine(current);
  if (machine !== null) return machine;
  const isPod = current['kind'] === 'Pod';
  if (corpus.startsWith('nca')) return isPod ? withoutAddresses(current) : withAdmittedRules(current);
  return withContainerPorts(isPod ? withoutStatus(current) : current);
}

/**
 * The same for what takes other objects to read: np-guard sends what a Route carries to all of its Services, whatever their
 * weight, at the port of them that has the number or name, or whose target it is (`getPeerAccessPort`); OpenShift goes by
 * the number at the endpoint, or the name of the Service's port.
 */
export function adaptObjects(corpus: string, raws: readonly unknown[]): readonly unknown[] {
  const all = raws.map((raw) => adaptObject(corpus, raw));
  if (!corpus.startsWith('np-guard-')) return all;
  const services = all.map(record).filter((one) => one['kind'] === 'Service');
  return all.map((one) => (record(one)['kind'] === 'Route' ? routeByService(record(one), services) : one));
}

function routeByService(route: Raw, services: readonly Raw[]): Raw {
  const { port, ...spec } = record(route['spec']);
  const plain = ({ weight: _, ...to }: Raw): Raw => to;
  const backends = records(spec['alternateBackends']).map(plain);
  const to = plain(record(spec['to']));
  const wanted = record(port)['targetPort'];
  const meta = (object: Raw): Raw => record(object['metadata']);
  const service = services.find(
    (one) => meta(one)['name'] === to['name'] && meta(one)['namespace'] === meta(route)['namespace'],
  );
  const ports = records(record(service?.['spec'])['ports']);
  const meant = ports.find((one) =>
    ['name', 'port', 'targetPort'].some((key) => one[key] !== undefined && one[key] === wanted),
  );
  const whole = { ...spec, to, alternateBackends: backends };
  if (meant === undefined) return { ...route, spec: port === undefined ? whole : { ...whole, port } };
  // The only port of a Service needs no name.
  if (ports.length === 1) return { ...route, spec: whole };
  return { ...route, spec: { ...whole, port: { targetPort: meant['name'] ?? meant['targetPort'] ?? meant['port'] } } };
}

/** np-guard decodes with Go's encoding/json, which takes a field's name in any case: `containerport` is `containerPort`. */
function withContainerPorts(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withContainerPorts(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const isPort = key === 'ports' && name.toLowerCase() === 'containerport';
      return [isPort ? 'containerPort' : name, withContainerPorts(inner, name)];
    }),
  );
}

/**
 * nca reads in rules of Calico what the API refuses (CAL-33, CAL-72): names of ports that are too long for a container,
 * so that they name nothing, and blocks with bits beyond their prefix.
 */
function withAdmittedRules(object: Raw): Raw {
  const isCalico = String(object['apiVersion']).startsWith('projectcalico.org/');
  return isCalico && 'spec' in object ? { ...object, spec: admitted(object['spec']) } : object;
}

const LONGEST_PORT_NAME = 15;

function admitted(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => admitted(item, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, admitted(inner, name)]));
  }
  if (typeof value !== 'string') return value;
  if (['ports', 'notPorts'].includes(key)) return value.length > LONGEST_PORT_NAME ? 'no-such-port' : value;
  const block = ['nets', 'notNets'].includes(key) ? parseCidr(value) : null;
  return block?.hostBits === true ? formatCidr(block) : value;
}

/** nca takes what YAML reads as a tag for text: the selector `!has(app)` without quotes. */
export function adaptText(corpus: string, bytes: Buffer): Buffer {
  if (!corpus.startsWith('nca-')) return bytes;
  return Buffer.from(bytes.toString().replaceAll(/^([\s-]*\w+: )(![\w(][^'"#\n]*)$/gm, '$1"$2"'));
}

/** Antrea makes its own tiers when it starts; the cases of what admission refuses leave them out. */
export function impliedObjects(corpus: string): readonly unknown[] {
  if (corpus !== 'antrea-invalid') return [];
  const metadata = { name: 'emergency' };
  return [{ apiVersion: 'crd.antrea.io/v1beta1', kind: 'Tier', metadata, spec: { priority: 50 } }];
}

const record = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});
const records = (value: unknown): readonly Raw[] => (Array.isArray(value) ? value.map(record) : []);

/** Calico makes its WorkloadEndpoints of pods; nca reads clusters of which only they were saved. */
function podOfWorkloadEndpoint(endpoint: Raw): Raw {
  const metadata = record(endpoint['metadata']);
  const spec = record(endpoint['spec']);
  const labels = record(metadata['labels']);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata['name'],
      namespace: metadata['namespace'],
      labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith('projectcalico.org/'))),
    },
    spec: {
      nodeName: spec['node'],
      serviceAccountName: labels['projectcalico.org/serviceaccount'],
      containers: [
        { name: 'workload', ports: records(spec['ports']).map((port) => ({ ...port, containerPort: port['port'] })) },
      ],
    },
    status: { phase: 'Running' },
  };
}

/** To nca a pod has both address families, whatever addresses it was given. */
function withoutAddresses(pod: Raw): Raw {
  return { ...pod, status: { phase: 'Running' } };
}

function withoutStatus(pod: Raw): Raw {
  const status = pod['status'];
  if (typeof status !== 'object' || status === null) return pod;
  return { ...pod, status: { ...status, phase: 'Running', conditions: [] } };
}

/** The tools name a pod by the owner that it states itself, a ReplicaSet say; an owner without a kind counts as a pod. */
export function byDirectOwner(snapshot: CompiledSnapshot): PeerNaming {
  const owners = new Map(snapshot.index.pods.map(({ meta }) => [`${meta.namespace}/${meta.name}`, meta.owner]));
  return (endpoint) => {
    const owner = endpoint.hypothetical ? undefined : owners.get(`${endpoint.namespace}/${endpoint.name}`);
    if (owner === undefined) return byWorkload(endpoint);
    const { namespace, name } = endpoint;
    if (owner === null || owner.kind === 'Node') return { namespace, name, kind: 'Pod' };
    return { namespace, name: owner.name, kind: owner.kind || 'Pod' };
  };
}
