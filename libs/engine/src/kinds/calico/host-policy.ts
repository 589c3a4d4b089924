import { and, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { CalicoContext } from './calico.context.js';
import type { HostEndpoint } from './host-endpoint.js';

/** The own traffic of hosts that a policy selects. */
export function hostSubjects(hosts: readonly HostEndpoint[], context: CalicoContext): Selector {
  return or(...hosts.map((host) => context.hosts.ownTraffic(host)));
}

/** Whatever runs on the subject's own host: what passes between them passes no interface of the host. (CAL-52) */
export const ON_THE_SAME_HOST: Selector = and(
  { type: 'kind', kinds: ['pod', 'hostpod', 'node'] },
  { type: 'same', as: 'node' },
);
