import { and, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { holdsFor, podPeer } from '../shared/index.js';
import type { RawPeer } from './networkpolicy.parse.js';

/** OpenShift's namespace that stands for the network of the hosts. */
const HOST_NETWORK = 'policy-group.network.openshift.io/host-network';

/**
 * A peer with selectors as OVN-Kubernetes has it (addressset_manager.go): with both selectors pods on the host network are
 * in, and a namespaceSelector alone that chooses the namespace for the host network stands for every address of a node.
 */
export function ovnPeer(peer: Extract<RawPeer, { type: 'pods' }>, env: CompileEnv): Selector {
  const { namespaces, selector } = peer;
  if (namespaces === null) return podPeer(env.semantics, selector);
  if (peer.hasPodSelector) return and({ type: 'kind', kinds: ['pod', 'hostpod'] }, selector);
  const pods = podPeer(env.semantics, selector);
  return choosesHostNetwork(namespaces, env) ? or(pods, { type: 'kind', kinds: ['node', 'hostpod'] }) : pods;
}

function choosesHostNetwork(selector: Selector, env: CompileEnv): boolean {
  return [...env.namespaces.values()].some(
    ({ meta }) => meta.labels[HOST_NETWORK] !== undefined && holdsFor(selector, meta.labels),
  );
}
