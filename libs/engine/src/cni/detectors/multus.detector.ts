import { finding, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** Multus adds further interfaces; the first one, which policy is about, belongs to another plugin. */
export const multusDetector: CniDetector = {
  id: 'multus',
  detect(view) {
    const seen = sight(view, {
      name: /^(?:kube-)?multus(?:-ds)?$/,
      labels: { app: 'multus', name: 'multus' },
      container: /^kube-multus$/,
      image: /(?:^|\/)multus-cni(?:-.*)?$/,
    });
    if (seen === null) return null;
    const source = seen.agents[0]?.source ?? '';
    const detail = 'Multus adds interfaces that NetworkPolicy does not cover; it is not the primary plugin';
    return finding({ evidence: [{ source, detail, weight: 0 }], options: { multus: 'true' } });
  },
};
