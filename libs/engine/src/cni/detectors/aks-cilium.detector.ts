import { finding, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';
import { CILIUM_AGENT, readCilium } from './cilium.detector.js';

/** Cilium that AKS installs and configures (Azure CNI powered by Cilium). One brought by the user has a label of Helm. */
export const aksCiliumDetector: CniDetector = {
  id: 'aks-cilium',
  detect(view) {
    const seen = sight(view, CILIUM_AGENT);
    if (seen === null || view.nodesLabelled('kubernetes.azure.com/') === 0) return null;
    const managed = view.nodes.filter((node) => node.meta.labels['kubernetes.azure.com/ebpf-dataplane'] === 'cilium');
    const byAddon = seen.agents.some((agent) => agent.labels['kubernetes.azure.com/managedby'] === 'aks');
    if (managed.length === 0 && !byAddon) return null;
    const reading = readCilium(view, seen, 'azure');
    const detail = byAddon ? 'is managed by AKS' : `${managed.length} nodes have AKS's Cilium dataplane`;
    return finding({
      profile: 'aks-cilium',
      networking: 'azure',
      networkingStated: true,
      enforces: reading.enforces,
      version: seen.version,
      evidence: [...seen.evidence, ...reading.evidence, { source: 'Nodes', detail, weight: 0.7 }],
      options: reading.options,
      coverage: seen.coverage,
      absorbs: ['cilium', 'azure'],
      certainty: reading.certainty,
    });
  },
};
