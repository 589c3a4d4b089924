import { annotationEvidence, enforcesWhenUp, finding, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** OVN-Kubernetes, stand-alone or OpenShift's. */
export const ovnKubernetesDetector: CniDetector = {
  id: 'ovn-kubernetes',
  detect(view) {
    const seen = sight(view, {
      name: /^ovnkube-node(?:-.*)?$/,
      labels: { app: 'ovnkube-node', name: 'ovnkube-node' },
      container: /^(?:ovnkube-node|ovnkube-controller|ovn-controller)$/,
      image: /(?:^|\/)(?:ovn-kube.*|ovn-kubernetes.*)$/,
    });
    const annotation = annotationEvidence(view, 'k8s.ovn.org/');
    if (seen === null) {
      if (annotation === null || view.daemonSetsKnown) return null;
      // It has no switch that turns policy off, so a node that it has configured enforces.
      return finding({
        profile: 'ovn-kubernetes',
        networking: 'ovn-kubernetes',
        enforces: 'yes',
        evidence: [annotation],
        certainty: 0.8,
      });
    }
    return finding({
      profile: 'ovn-kubernetes',
      networking: 'ovn-kubernetes',
      networkingStated: true,
      enforces: enforcesWhenUp(seen),
      version: seen.version,
      evidence: annotation === null ? seen.evidence : [...seen.evidence, annotation],
      coverage: seen.coverage,
    });
  },
};
