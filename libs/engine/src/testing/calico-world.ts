import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { endpointOfAddress } from '../compile/endpoint-directory.js';
import { evaluatePair } from '../eval/index.js';
import type { Flow } from '../eval/index.js';
import { protocolByName } from '../model/index.js';
import { CALICO_CNI, rawCalico } from './calico.js';
import { factsOf, rawNamespace, rawPod } from './facts.js';

const ports = [
  { name: 'http', containerPort: 8080 },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
];
export const cluster = [
  rawNamespace('shop', { team: 'shop' }),
  rawNamespace('pay', { team: 'pay' }),
  rawPod('shop/web', {
    labels: { app: 'web', tier: 'front' },
    ip: '10.0.0.1',
    node: 'n1',
    ports,
    serviceAccount: 'web',
  }),
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.2', node: 'n2', ports }),
  rawPod('pay/api', { labels: { app: 'api', tier: 'back' }, ip: '10.0.1.1', node: 'n1', ports, serviceAccount: 'api' }),
  rawPod('pay/old', { labels: { app: 'old', 'pcns.team': 'own' }, ip: '10.0.1.2', node: 'n2' }),
];

export const snapshotOf = (...policies: readonly unknown[]): CompiledSnapshot =>
  compileSnapshot(factsOf(...cluster, ...policies), { cni: CALICO_CNI });

/** `TCP/80`, `UDP/53`, `ICMP`; with an extra of a flow where a question has one. */
export function verdict(
  snapshot: CompiledSnapshot,
  from: string,
  to: string,
  port = 'TCP/8080',
  extra: Partial<Flow> = {},
): string {
  const find = (name: string) => {
    const [namespace = '', pod = ''] = name.split('/');
    const found = snapshot.directory.pod(namespace, pod) ?? endpointOfAddress(snapshot.directory, name);
    if (found === null) throw new Error(`no endpoint ${name}`);
    return found;
  };
  const [protocol = '', number] = port.split('/');
  const flow: Flow = {
    protocol: protocolByName(protocol) ?? Number(protocol),
    port: number === undefined ? null : Number(number),
    family: 4,
    ...extra,
  };
  const decision = evaluatePair(snapshot, find(from), find(to), flow, 'intended');
  const open = [...decision.egress.onlyFor, ...decision.ingress.onlyFor];
  return open.length > 0 ? 'conditional' : decision.verdict;
}

export const local = (name: string, spec: unknown): unknown => rawCalico('NetworkPolicy', name, spec);
export const global = (name: string, spec: unknown): unknown => rawCalico('GlobalNetworkPolicy', name, spec);
export const allowFrom = (source: unknown, more: object = {}): unknown => ({
  selector: "app == 'db'",
  ingress: [{ action: 'Allow', source, ...more }],
});
