import { enforcesWhenUp, finding, flagOf, isFalse, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** Kube-OVN: the agent gives the addresses, the controller's `--enable-np` (default on) turns policy into ACLs. */
export const kubeOvnDetector: CniDetector = {
  id: 'kube-ovn',
  detect(view) {
    const image = /(?:^|\/)kube-ovn$/;
    const seen = sight(view, {
      name: /^kube-ovn-cni$/,
      labels: { app: 'kube-ovn-cni' },
      container: /^cni-server$/,
      image,
    });
    if (seen === null) return null;
    const controllers = view.agents.filter((agent) => agent.name === 'kube-ovn-controller');
    const enabled = flagOf(controllers, 'enable-np');
    const [controller] = controllers;
    const evidence = [...seen.evidence];
    if (controller !== undefined) {
      const detail = `--enable-np is \`${enabled ?? 'not set'}\``;
      evidence.push({ source: controller.source, detail, weight: 0.5 });
    }
    return finding({
      profile: 'kube-ovn',
      networking: 'kube-ovn',
      networkingStated: true,
      enforces: isFalse(enabled) ? 'no' : enforcesWhenUp(seen),
      version: seen.version,
      evidence,
      options: { 'np-enforcement': flagOf(controllers, 'np-enforcement') ?? 'standard' },
      coverage: seen.coverage,
      certainty: controller === undefined ? 0.85 : 1,
    });
  },
};
