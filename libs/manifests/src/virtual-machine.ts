import { field, isObject, list, path, text } from '#engine';

/**
 * The pod that KubeVirt would run a VirtualMachine in, where manifests have the machine alone; null for other objects.
 * The ports of its interfaces become those of the pod's container.
 */
export function podOfVirtualMachine(raw: unknown): object | null {
  const apiVersion = text(field(raw, 'apiVersion'));
  if (field(raw, 'kind') !== 'VirtualMachine' || !apiVersion.startsWith('kubevirt.io/')) return null;
  const metadata = field(raw, 'metadata');
  const name = field(metadata, 'name');
  const template = path(raw, 'spec', 'template');
  const { labels, annotations } = record(field(template, 'metadata'));
  const interfaces = list(path(template, 'spec', 'domain', 'devices', 'interfaces'));
  const ports = interfaces.flatMap((item) => list(field(item, 'ports')).map(record));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: field(metadata, 'namespace'),
      labels,
      annotations,
      ownerReferences: [{ apiVersion, kind: 'VirtualMachine', name, controller: true, uid: '' }],
    },
    spec: { containers: [{ name: 'compute', ports: ports.map((port) => ({ ...port, containerPort: port['port'] })) }] },
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});
