import type { Agent } from '../cluster-view.js';
import { finding } from '../detector.js';
import type { CniDetector } from '../detector.js';
import { splitImage } from '../version.js';

/** Agents of plugins without a profile, by the name of their DaemonSet. */
const NAMED: readonly (readonly [RegExp, string])[] = [
  [/^nsx-node-agent/, 'VMware NSX'],
  [/^terway/, 'Terway'],
  [/^hybridnet/, 'Hybridnet'],
  [/^spiderpool/, 'Spiderpool'],
  [/^romana/, 'Romana'],
  [/^contiv/, 'Contiv'],
  [/^submariner/, ''],
];

/** Names that hold `cni` and are no primary plugin: meshes, metrics, devices, address managers. */
const OTHERS = /istio|linkerd|kuma|multus|sriov|metrics|whereabouts|networkmonitor|prober|plugins|dhcp/;

/** A node agent that looks like a plugin that we do not know. What it enforces is unknown. */
export const genericDetector: CniDetector = {
  id: 'generic',
  detect(view, found) {
    if (found.some((one) => one.networking !== '' || (one.profile !== null && one.enforces !== null))) return null;
    for (const agent of view.agents) {
      const title = agent.kind === 'DaemonSet' && agent.state !== 'absent' ? titleOf(agent) : '';
      if (title === '') continue;
      const image = agent.containers[0]?.image ?? '';
      const detail = `looks like a network plugin${image === '' ? '' : `, image \`${image}\``}`;
      return finding({
        profile: 'unknown',
        title,
        networking: 'unknown',
        enforces: 'unknown',
        evidence: [{ source: agent.source, detail, weight: 0.4 }],
      });
    }
    return null;
  },
};

function titleOf(agent: Agent): string {
  const named = NAMED.find(([pattern]) => pattern.test(agent.name));
  if (named !== undefined) return named[1];
  // Host mounts are not in the inventory, so the host's network and the name have to tell.
  if (!agent.hostNetwork || OTHERS.test(agent.name)) return '';
  const words = [agent.name, ...agent.containers.flatMap((one) => [one.name, splitImage(one.image).repository])];
  return words.some((word) => /(?:^|[/_.-])cni(?:$|[/_.-])/.test(word) && !OTHERS.test(word)) ? agent.name : '';
}
