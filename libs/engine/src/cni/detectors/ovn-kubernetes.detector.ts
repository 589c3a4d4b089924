import type { ClusterView } from '../cluster-view.js';
import { annotationEvidence, enforcesWhenUp, envOf, finding, flagOf, sight } from '../detector.js';
import type { CniDetector, Sighting } from '../detector.js';

/** Switches that change answers, with the variables that the manifests set them by. */
const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  'allow-icmp-network-policy': ['OVN_ALLOW_ICMP_NETPOL', 'OVN_ALLOW_ICMP_NETWORK_POLICY'],
  'enable-dns-name-resolver': ['OVN_ENABLE_DNSNAMERESOLVER'],
  'enable-stateless-netpol': ['OVN_STATELESS_NETPOL_ENABLE'],
};

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
      options: readSwitches(view, seen),
      coverage: seen.coverage,
    });
  },
};

/** Flags beat variables, and both beat the configuration file. */
function readSwitches(view: ClusterView, { agents }: Sighting): Record<string, string> {
  const file = view.configMap('ovnkube-config')?.data['ovnkube.conf'] ?? '';
  const options: Record<string, string> = {};
  for (const [name, variables] of Object.entries(SWITCHES)) {
    const written = file.split('\n').find((line) => line.trimStart().startsWith(name));
    const inFile = written === undefined ? null : (/=\s*"?(\w+)/.exec(written)?.[1] ?? 'true');
    const byVariable = variables
      .map((variable) => envOf(agents, variable))
      .find((value) => value !== null && value !== '');
    const value = flagOf(agents, name) ?? byVariable ?? inFile;
    if (value !== null) options[name] = value.toLowerCase();
  }
  return options;
}
