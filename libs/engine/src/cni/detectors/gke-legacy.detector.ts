import type { CniEvidence } from '../../model/index.js';
import { finding } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** GKE without Dataplane V2. Policy is enforced only where its Calico add-on runs on the nodes. */
export const gkeLegacyDetector: CniDetector = {
  id: 'gke-legacy',
  detect(view, found) {
    const labelled = view.nodesLabelled('cloud.google.com/gke-');
    if (labelled === 0 || found.some((one) => one.profile === 'gke-dataplane-v2')) return null;
    const evidence: CniEvidence[] = [{ source: 'Nodes', detail: `${labelled} are nodes of GKE`, weight: 0.7 }];
    const idle = view.agents.find((agent) => agent.name === 'calico-node' && agent.state === 'absent');
    if (idle !== undefined) {
      evidence.push({ source: idle.source, detail: 'is scheduled on no node: policy is not enforced', weight: 0.5 });
    }
    return finding({
      profile: 'gke-legacy',
      networking: 'gke-legacy',
      enforces: view.daemonSetsKnown ? 'no' : 'unknown',
      evidence,
      options: { platform: 'gke' },
    });
  },
};
