import { finding, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';
import { readCilium } from './cilium.detector.js';

/** GKE Dataplane V2: Google's build of Cilium in the DaemonSet `anetd`. It always enforces. */
export const gkeDataplaneV2Detector: CniDetector = {
  id: 'gke-dataplane-v2',
  detect(view) {
    const seen = sight(view, {
      name: /^anetd(?:-|$)/,
      labels: { 'k8s-app': 'anetd' },
      container: /^cilium-agent$/,
      image: /(?:^|\/)(?:anetd|cilium)$/,
    });
    const agents = seen?.agents.filter((agent) => agent.name.startsWith('anetd')) ?? [];
    if (seen === null || agents.length === 0) return null;
    const reading = readCilium(view, seen, 'gke-dataplane-v2');
    return finding({
      profile: 'gke-dataplane-v2',
      networking: 'gke-dataplane-v2',
      networkingStated: true,
      enforces: seen.state === 'down' ? 'unknown' : 'yes',
      version: seen.version,
      evidence: seen.evidence,
      options: reading.options,
      coverage: seen.coverage,
      absorbs: ['cilium', 'gke-legacy'],
    });
  },
};
