import type { ClusterView } from '../cluster-view.js';
import { annotationEvidence, finding, sight } from '../detector.js';
import type { CniDetector, CniFinding } from '../detector.js';

/** Flannel. It moves packets and enforces nothing; an engine beside it is found by its own detector. */
export const flannelDetector: CniDetector = {
  id: 'flannel',
  detect(view) {
    const seen = sight(view, {
      name: /^(?:rke2-)?kube-flannel(?:-ds.*)?$/,
      labels: { app: 'flannel', 'k8s-app': 'flannel' },
      container: /^kube-flannel$/,
      image: /(?:^|\/)(?:flannel|hardened-flannel|mirrored-flannel-io-flannel|mirrored-flannelcni-flannel)$/,
    });
    const agents = seen?.agents.filter((agent) => !agent.name.includes('canal')) ?? [];
    if (seen === null || agents.length === 0) return withoutAgent(view);
    const map = view.configMap('kube-flannel-cfg');
    const annotation = annotationEvidence(view, 'flannel.alpha.coreos.com/');
    const evidence = [...seen.evidence];
    if (map !== null) evidence.push({ source: map.source, detail: 'configures Flannel', weight: 0.5 });
    if (annotation !== null) evidence.push(annotation);
    return finding({
      profile: 'flannel',
      networking: 'flannel',
      enforces: 'no',
      version: seen.version,
      evidence,
      options: backendOf(view),
      coverage: seen.coverage,
    });
  },
};

/** k3s has Flannel inside and writes the same annotations: there the k3s detector decides. */
function withoutAgent(view: ClusterView): CniFinding | null {
  const annotation = annotationEvidence(view, 'flannel.alpha.coreos.com/');
  if (annotation === null || view.daemonSetsKnown || isK3s(view)) return null;
  return finding({
    profile: 'flannel',
    networking: 'flannel',
    // An engine beside Flannel would be a DaemonSet, which nobody could read.
    enforces: 'unknown',
    evidence: [annotation],
    options: backendOf(view),
  });
}

function isK3s(view: ClusterView): boolean {
  return view.nodes.some((node) => node.kubeletVersion.includes('+k3s'));
}

function backendOf(view: ClusterView): Record<string, string> {
  for (const node of view.nodes) {
    const backend = node.meta.annotations['flannel.alpha.coreos.com/backend-type'];
    if (backend !== undefined) return { 'backend-type': backend };
  }
  return {};
}
