import { finding } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** RKE2 is a platform: the plugin that it was given (Canal by default) decides, and is found by its own detector. */
export const rke2Detector: CniDetector = {
  id: 'rke2',
  detect(view) {
    const nodes = view.nodes.filter((node) => node.kubeletVersion.includes('+rke2'));
    if (nodes.length === 0) return null;
    const detail = `${nodes.length} of ${view.nodes.length} run a kubelet of RKE2`;
    return finding({ evidence: [{ source: 'Nodes', detail, weight: 0 }], options: { platform: 'rke2' } });
  },
};
