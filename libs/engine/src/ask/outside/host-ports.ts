import type { ContainerPort } from '../../model/index.js';
import { contains, parseCidr, parseIp } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { runsCilium } from './proxies.js';

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map(parseCidr).filter((block) => block !== null);

/**
 * Ports of a pod that are open at its node, or at an address of it that others reach: none of a pod on the host network,
 * whose ports are the node's own. (SVC-21)
 */
export function publishedPorts({ cni }: Pick<CompiledSnapshot, 'cni'>, endpoint: Endpoint): readonly ContainerPort[] {
  if (endpoint.kind !== 'pod') return NONE;
  const published = endpoint.ports.filter(({ hostPort, hostIp }) => hostPort > 0 && !isLoopback(hostIp));
  return isForAllContainers(cni) ? published : published.filter(({ init, sidecar }) => !init && sidecar !== true);
}

const NONE: readonly ContainerPort[] = [];
const OFF: readonly (string | undefined)[] = ['false', 'disabled'];

/** The kubelet hands the runtime the ports of `containers` alone; Cilium in place of kube-proxy reads the pod itself. */
function isForAllContainers(cni: CompiledSnapshot['cni']): boolean {
  return runsCilium({ cni }) && !OFF.includes(cni.options['kube-proxy-replacement']);
}

function isLoopback(address: string | undefined): boolean {
  const ip = address === undefined ? null : parseIp(address);
  return ip !== null && LOOPBACK.some((block) => contains(block, ip));
}
