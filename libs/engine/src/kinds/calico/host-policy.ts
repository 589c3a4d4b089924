import { field } from '../../base/index.js';
import { and, not, or } from '../../model/index.js';
import type { BeforeTranslation, Condition, PeerSet, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { peersWithin } from '../shared/index.js';
import type { CalicoContext } from './calico.context.js';
import type { HostEndpoint } from './host-endpoint.parse.js';

/** The fields that make a GlobalNetworkPolicy one for hosts alone, or for what they forward. */
export type HostFlag = 'doNotTrack' | 'preDNAT' | 'applyOnForward';

export function anyPolicySays(flag: HostFlag, env: CompileEnv): boolean {
  return env.policies.some(
    ({ meta, raw }) => meta.kind === 'GlobalNetworkPolicy' && field(field(raw, 'spec'), flag) === true,
  );
}

/** The own traffic of hosts that a policy selects. */
export function hostSubjects(hosts: readonly HostEndpoint[], context: CalicoContext): Selector {
  return or(...hosts.map((host) => context.hosts.ownTraffic(host)));
}

/** Whatever runs on the subject's own host: what passes between them passes no outer interface of the host. (CAL-52) */
export const ON_THE_SAME_HOST: Selector = and(
  { type: 'kind', kinds: ['pod', 'hostpod', 'node'] },
  { type: 'same', as: 'node' },
);

/** The subject's own host itself: what it exchanges with its pods it does not forward. */
export const THE_HOST_ITSELF: Selector = and(
  { type: 'kind', kinds: ['hostpod', 'node'] },
  { type: 'same', as: 'node' },
);

/** The same peers, but for those on the subject's own host. */
export function elsewhere(peers: PeerSet): PeerSet {
  return peersWithin(peers, not(ON_THE_SAME_HOST));
}

/** What is asked of the address and port that a client used, where these are others than the endpoint's own. (CAL-65) */
export function seenBeforeTranslation(before: BeforeTranslation): Condition {
  return { type: 'unsupported', what: 'the rule looks at addresses and ports before they are translated', before };
}
