import { finding } from '../detector.js';
import type { CniDetector } from '../detector.js';

/**
 * kubenet or a plain bridge: the node itself wires its pods, so there is nothing but absence to see. Concluded only
 * where DaemonSets can be read and the nodes have pod address blocks.
 */
export const kubenetDetector: CniDetector = {
  id: 'kubenet',
  detect(view, found) {
    if (found.some((one) => one.networking !== '' || one.profile === 'k3s')) return null;
    const nodes = view.nodes.filter((node) => node.podCidrs.length > 0);
    if (nodes.length === 0 || !view.daemonSetsKnown) return null;
    const hosted = nodes.filter((node) => node.providerId !== '').length;
    const system = view.agents.some((agent) => agent.kind === 'DaemonSet' && agent.namespace === 'kube-system');
    // Nodes without a provider, and nothing of the system in sight: more likely a bare API server than a cluster.
    if (hosted === 0 && !system) return null;
    const detail = `${nodes.length} have a pod address block, and no network plugin runs as a DaemonSet`;
    return finding({
      profile: 'kubenet',
      networking: 'kubenet',
      enforces: found.some((one) => one.enforces === 'yes') ? null : 'no',
      evidence: [{ source: 'Nodes', detail, weight: hosted > 0 ? 0.6 : 0.5 }],
    });
  },
};
