import { bareMap, field, list, oncePer, path, text, textMap } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Labels, ObjectMeta } from '../../model/index.js';
import { blockOf, parseIp } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { readMeshConfig } from './mesh-config.js';

export const SERVICE_ENTRY = 'ServiceEntry.networking.istio.io';
export const WORKLOAD_ENTRY = 'WorkloadEntry.networking.istio.io';

/** A workload of the mesh outside Kubernetes, a virtual machine say, as a WorkloadEntry has it (IM-53). */
export interface MachineEntry {
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  /** Whether it has a proxy: an account says so; that clients are told to speak mutual TLS, without one, leaves it open. */
  readonly isMember: boolean | null;
  /** Its address as a block of one; null for a name, or a socket. */
  readonly block: string | null;
  /** As it is written. */
  readonly address: string;
  /** By the names of ports of ServiceEntries, its own. */
  readonly ports: Json;
  /** Whether clients are told to speak mutual TLS of the mesh to it. */
  readonly takesMutualTls: boolean;
  /** Whether it may be reached through a gateway alone, and be seen with the address of one. */
  readonly isFar: boolean;
}

const TLS_MODE = 'security.istio.io/tlsMode';
const NETWORK = 'topology.istio.io/network';

/** Every WorkloadEntry of a snapshot. */
const workloadEntries = oncePer((env: CompileEnv): readonly MachineEntry[] =>
  env.aux(WORKLOAD_ENTRY).map(({ meta, raw }) => readEntry(field(raw, 'spec'), meta, ownNetwork(env))),
);

/** The same with what ServiceEntries have among their own `endpoints`, which are written alike. */
export const machineEntries = oncePer((env: CompileEnv): readonly MachineEntry[] => {
  const inline = env.aux(SERVICE_ENTRY).flatMap(({ meta: { namespace }, raw }) => {
    const ends = list(path(raw, 'spec', 'endpoints'));
    return ends.map((end) => readEntry(end, { namespace, labels: {} }, ownNetwork(env)));
  });
  return [...workloadEntries(env), ...inline];
});

/** The network of the cluster's own pods, which the root namespace tells; '' where it does not. */
function ownNetwork(env: CompileEnv): string {
  return env.namespaces.get(readMeshConfig(env).rootNamespace)?.meta.labels[NETWORK] ?? '';
}

function readEntry(spec: Json | undefined, meta: Pick<ObjectMeta, 'namespace' | 'labels'>, own: string): MachineEntry {
  const address = text(field(spec, 'address'));
  const ip = parseIp(address);
  const labels = entryLabels(spec, meta);
  const serviceAccount = text(field(spec, 'serviceAccount'));
  const network = text(field(spec, 'network'));
  const mode = labels[TLS_MODE];
  return {
    namespace: meta.namespace,
    labels,
    serviceAccount,
    isMember: serviceAccount !== '' || (mode === 'istio' ? null : false),
    block: ip === null ? null : blockOf(ip),
    address,
    ports: field(spec, 'ports') ?? null,
    takesMutualTls: (mode ?? 'istio') === 'istio',
    isFar: network !== '' && network !== own,
  };
}

/** The labels of the workload: those that the object itself has beat those that are written in it. */
export function entryLabels(spec: Json | undefined, { labels }: Pick<ObjectMeta, 'labels'>): Labels {
  return Object.assign(bareMap<string>(), textMap(field(spec, 'labels')), labels);
}

/** Those of a namespace that have labels; `wanted` as it is written. */
export function chosenEntries(env: CompileEnv, namespace: string, wanted: Json | undefined): readonly MachineEntry[] {
  const labels = Object.entries(textMap(wanted));
  return workloadEntries(env).filter(
    (one) => one.namespace === namespace && labels.every(([key, value]) => one.labels[key] === value),
  );
}
