import { path, text } from '../../base/index.js';
import type { CniEvidence } from '../../model/index.js';
import { finding, isTrue } from '../detector.js';
import type { CniDetector } from '../detector.js';

const COMPUTE_TYPE = 'eks.amazonaws.com/compute-type';

/** EKS Auto Mode: the node's own agent enforces when the NodeClass says so and the controller is switched on. */
export const eksAutoDetector: CniDetector = {
  id: 'eks-auto',
  detect(view) {
    const nodes = view.nodes.filter((node) => node.meta.labels[COMPUTE_TYPE] === 'auto');
    const classes = view.objects('NodeClass.eks.amazonaws.com');
    if (nodes.length === 0 && (classes.length === 0 || view.nodes.length > 0)) return null;
    const modes = classes.map((object) => text(path(object.raw, 'spec', 'networkPolicy')));
    const map = view.configMap('amazon-vpc-cni');
    const value = map?.data['enable-network-policy-controller'];
    const proven = view.objects('PolicyEndpoint.networking.k8s.aws').length > 0;
    const evidence: CniEvidence[] = [
      { source: 'Nodes', detail: `${nodes.length} of ${view.nodes.length} are of EKS Auto Mode`, weight: 0.9 },
      ...classes.map((object, index) => ({
        source: `NodeClass ${object.meta.name}`,
        detail: `networkPolicy is \`${modes[index] === '' ? 'not set' : (modes[index] ?? '')}\``,
        weight: 0.5,
      })),
    ];
    if (map !== null) {
      const detail = `enable-network-policy-controller is \`${value ?? 'not set'}\``;
      evidence.push({ source: map.source, detail, weight: 0.5 });
    }
    if (proven) evidence.push({ source: 'PolicyEndpoint', detail: 'objects exist: the controller works', weight: 0.9 });
    return finding({
      profile: 'eks-auto',
      networking: 'aws-vpc-cni',
      networkingStated: true,
      enforces: verdict(modes, proven || isTrue(value), value === undefined || map === null),
      evidence,
      options: { 'enforcing-mode': modes.length > 0 && modes.every(isDefaultDeny) ? 'strict' : 'standard' },
      coverage: nodes.length === view.nodes.length ? 'all' : { nodes: new Set(nodes.map((node) => node.meta.name)) },
    });
  },
};

/** No NodeClass in sight, or node classes that differ, leave it open: a node does not name its class in its labels. */
function verdict(modes: readonly string[], controller: boolean, controllerUnseen: boolean): 'yes' | 'no' | 'unknown' {
  if (modes.length > 0 && modes.every((mode) => mode === '')) return 'no';
  if (!controller) return controllerUnseen ? 'unknown' : 'no';
  return modes.length > 0 && modes.every((mode) => mode !== '') ? 'yes' : 'unknown';
}

function isDefaultDeny(mode: string): boolean {
  return mode === 'DefaultDeny';
}
