import { get, items, str } from './fields.js';
import { isCiliumEndpoint } from './cilium-identity.js';
import { peerOf, selectsPod, subjectOf, type Packet, type Scene } from './network-policy.js';

/** FQ-5: a star is any characters of one label, alone it is every name. */
function nameMatches(match: unknown, name: string): boolean {
  const exact = str(get(match, 'name')).toLowerCase();
  if (exact !== '') return exact.replace(/\.$/, '') === name;
  const pattern = str(get(match, 'pattern')).toLowerCase().replace(/\.$/, '');
  if (pattern === '*') return true;
  const [labels, wanted] = [name.split('.'), pattern.split('.')];
  return (
    labels.length === wanted.length &&
    wanted.every((glob, index) => new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(labels[index] ?? ''))
  );
}

/** FQ-6. */
function portMatches(port: unknown, packet: Packet): boolean {
  const protocol = str(get(port, 'protocol')) || 'ALL';
  const number = get(port, 'port');
  if (protocol === 'ALL' && number === undefined) return true;
  if (!(protocol === 'ALL' ? ['TCP', 'UDP', 'SCTP'] : [protocol]).includes(packet.protocol)) return false;
  return number === undefined || packet.port === number;
}

/** FQ-2, FQ-3: null where no such policy isolates the subject; else whether one allows, as far as a name is told. */
export function fqdnVerdict(scene: Scene): boolean | 'unknown' | null {
  const [subject, peer] = [subjectOf(scene), peerOf(scene)];
  if (scene.direction === 'ingress' || !isCiliumEndpoint(subject)) return null;
  const policies = (scene.cluster.objects.get('FQDNNetworkPolicy.networking.gke.io') ?? []).filter((policy) =>
    selectsPod(policy, subject),
  );
  if (policies.length === 0) return null;
  const rules = policies
    .flatMap((policy) => items(get(policy, 'spec', 'egress')))
    .filter((rule) => {
      const ports = items(get(rule, 'ports'));
      return ports.length === 0 || ports.some((port) => portMatches(port, scene.packet));
    });
  if (peer.type !== 'outside' || rules.length === 0) return false;
  const { hostName } = peer;
  if (hostName === undefined) return 'unknown';
  return rules.some((rule) => items(get(rule, 'matches')).some((match) => nameMatches(match, hostName)));
}
