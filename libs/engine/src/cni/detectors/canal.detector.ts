import { enforcesWhenUp, finding, sight } from '../detector.js';
import type { CniDetector, CniFinding, Sighting } from '../detector.js';
import type { ClusterView } from '../cluster-view.js';
import { splitImage } from '../version.js';
import { readVersion } from '../version.js';
import { CALICO_AGENT, calicoOptions, versionOf } from './calico.detector.js';

const FELIX_CONTAINER = /^calico-node$/;
const FLANNEL_CONTAINER = /^kube-flannel$/;

/** Canal: Calico's policy engine on Flannel's network, in one DaemonSet or in two. */
export const canalDetector: CniDetector = {
  id: 'canal',
  detect(view, found) {
    const seen = sight(view, {
      name: /^(?:rke2-)?canal$/,
      labels: { 'k8s-app': 'canal' },
      container: FELIX_CONTAINER,
      image: CALICO_AGENT.image,
    });
    const together = seen?.agents.filter((agent) =>
      agent.containers.some((container) => FLANNEL_CONTAINER.test(container.name)),
    );
    if (seen !== null && together !== undefined && together.length > 0) return inOne(view, seen);
    return inTwo(found);
  },
};

function inOne(view: ClusterView, seen: Sighting): CniFinding {
  const map = view.configMap('canal-config', 'rke2-canal-config');
  const evidence = [...seen.evidence];
  if (map !== null) evidence.push({ source: map.source, detail: 'configures Canal', weight: 0.5 });
  return finding({
    profile: 'canal',
    networking: 'flannel',
    networkingStated: true,
    enforces: enforcesWhenUp(seen),
    version: felixVersion(seen) || versionOf(view, seen),
    evidence,
    options: calicoOptions(view, seen),
    coverage: seen.coverage,
    absorbs: ['calico', 'flannel'],
  });
}

/** Two DaemonSets, unless Calico says that it gives the pods their addresses itself. */
function inTwo(found: readonly CniFinding[]): CniFinding | null {
  const calico = found.find((one) => one.profile === 'calico');
  const flannel = found.find((one) => one.profile === 'flannel');
  if (calico === undefined || flannel === undefined || calico.networkingStated) return null;
  return {
    ...calico,
    profile: 'canal',
    networking: 'flannel',
    networkingStated: true,
    evidence: [...calico.evidence, ...flannel.evidence],
    absorbs: ['calico', 'flannel'],
    certainty: Math.min(calico.certainty, 0.95),
  };
}

function felixVersion(seen: Sighting): string {
  for (const agent of seen.agents) {
    const felix = agent.containers.find((container) => FELIX_CONTAINER.test(container.name));
    if (felix !== undefined) return readVersion(splitImage(felix.image).tag);
  }
  return '';
}
