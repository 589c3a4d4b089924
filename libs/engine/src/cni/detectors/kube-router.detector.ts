import { enforcesWhenUp, finding, flagOf, isFalse, isTrue, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** kube-router as a DaemonSet. `--run-firewall` (default on) enforces, `--run-router` (default on) is the network. */
export const kubeRouterDetector: CniDetector = {
  id: 'kube-router',
  detect(view) {
    const seen = sight(view, {
      name: /^kube-router$/,
      labels: { 'k8s-app': 'kube-router' },
      container: /^kube-router$/,
      image: /(?:^|\/)kube-router$/,
    });
    if (seen === null) return null;
    const firewall = flagOf(seen.agents, 'run-firewall');
    const router = flagOf(seen.agents, 'run-router');
    const evidence = [...seen.evidence];
    if (firewall !== null) {
      const [agent] = seen.agents;
      evidence.push({ source: agent?.source ?? '', detail: `--run-firewall is \`${firewall}\``, weight: 0.9 });
    }
    const options: Record<string, string> = {};
    if (isTrue(flagOf(seen.agents, 'netpol-default-deny'))) options['netpol-default-deny'] = 'true';
    if (isTrue(flagOf(seen.agents, 'use-nftables-for-netpol'))) options['use-nftables-for-netpol'] = 'true';
    const nodePorts = flagOf(seen.agents, 'service-node-port-range');
    if (nodePorts !== null) options['service-node-port-range'] = nodePorts;
    return finding({
      profile: 'kube-router',
      networking: isFalse(router) ? '' : 'kube-router',
      networkingStated: router !== null && !isFalse(router),
      enforces: isFalse(firewall) ? 'no' : enforcesWhenUp(seen),
      version: seen.version,
      evidence,
      options,
      coverage: seen.coverage,
    });
  },
};
