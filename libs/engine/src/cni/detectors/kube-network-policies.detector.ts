import type { Agent } from '../cluster-view.js';
import { coverageOf, finding } from '../detector.js';
import type { CniDetector } from '../detector.js';
import { readVersion, splitImage } from '../version.js';

const IMAGE = /(?:^|\/)kube-network-policies(?:-[a-z0-9-]+)?$/;

/** kube-network-policies beside any plugin, in a DaemonSet of its own or as a container in Flannel's. */
export const kubeNetworkPoliciesDetector: CniDetector = {
  id: 'kube-network-policies',
  detect(view) {
    const agents = view.agents.filter(
      (agent) => agent.kind === 'DaemonSet' && agent.state !== 'absent' && imageOf(agent) !== null,
    );
    const [first] = agents;
    if (first === undefined) return null;
    const image = imageOf(first) ?? '';
    const up = agents.some((agent) => agent.state !== 'down');
    const running = agents.some((agent) => agent.state === 'running');
    return finding({
      profile: 'kube-network-policies',
      enforces: up ? 'yes' : 'unknown',
      version: readVersion(splitImage(image).tag),
      evidence: agents.map((agent) => ({
        source: agent.source,
        detail: `has a container with image \`${imageOf(agent) ?? ''}\``,
        weight: running ? 1 : up ? 0.8 : 0.4,
      })),
      // The flavour of the image says which cluster-wide API it reads.
      options: { flavour: /npa-v1alpha[12]/.exec(image)?.[0] ?? 'standard' },
      coverage: coverageOf(agents),
    });
  },
};

function imageOf(agent: Agent): string | null {
  return agent.containers.find((one) => IMAGE.test(splitImage(one.image).repository))?.image ?? null;
}
