import type { CniEvidence } from '../../model/index.js';
import { finding, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** Azure's own plugin. Alone it enforces nothing: Azure NPM, Calico or Cilium do. */
export const azureDetector: CniDetector = {
  id: 'azure',
  detect(view) {
    const seen = sight(view, {
      name: /^(?:azure-cns|azure-cni-networkmonitor)(?:-.*)?$/,
      labels: { 'k8s-app': 'azure-cns' },
      image: /(?:^|\/)(?:azure-cns|azurecni|azure-cni-networkmonitor|networkmonitor)$/,
    });
    const labelled = view.nodesLabelled('kubernetes.azure.com/');
    if (seen === null && labelled === 0) return null;
    const evidence: CniEvidence[] = [...(seen?.evidence ?? [])];
    if (labelled > 0) evidence.push({ source: 'Nodes', detail: `${labelled} are nodes of AKS`, weight: 0.7 });
    const known = seen !== null || view.daemonSetsKnown;
    return finding({
      profile: 'azure',
      networking: 'azure',
      enforces: known ? 'no' : 'unknown',
      evidence,
      options: labelled > 0 ? { platform: 'aks' } : {},
      certainty: seen === null ? 0.85 : 1,
    });
  },
};
