import { and } from '../../model/index.js';
import type { EndpointKind, Selector, Semantics } from '../../model/index.js';

/** Pods as a policy's subject: pods with an address of their own, and host-network pods only where a tool treats them so. */
export function podSubject(semantics: Semantics, ...tests: readonly Selector[]): Selector {
  const kinds: EndpointKind[] = semantics.hostPodsAsSubjects ? ['pod', 'hostpod'] : ['pod'];
  return and({ type: 'kind', kinds }, ...tests);
}

/** Pods as a label peer. */
export function podPeer(semantics: Semantics, ...tests: readonly Selector[]): Selector {
  const kinds: EndpointKind[] =
    semantics.hostPodsAsPeers || semantics.hostPodsAsSubjects ? ['pod', 'hostpod'] : ['pod'];
  return and({ type: 'kind', kinds }, ...tests);
}
