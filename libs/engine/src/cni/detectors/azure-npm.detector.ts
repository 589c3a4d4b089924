import { enforcesWhenUp, finding, sight } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** Azure Network Policy Manager, for Linux and for Windows nodes. */
export const azureNpmDetector: CniDetector = {
  id: 'azure-npm',
  detect(view) {
    const seen = sight(view, {
      name: /^azure-npm(?:-win)?$/,
      labels: { 'k8s-app': 'azure-npm' },
      container: /^azure-npm(?:-win)?$/,
      image: /(?:^|\/)azure-npm$/,
    });
    if (seen === null) return null;
    const map = view.configMap('azure-npm-config');
    const windows = seen.agents.some((agent) => agent.name.endsWith('-win'));
    return finding({
      profile: 'azure-npm',
      enforces: enforcesWhenUp(seen),
      version: seen.version,
      evidence:
        map === null ? seen.evidence : [...seen.evidence, { source: map.source, detail: 'configures it', weight: 0.5 }],
      options: { windows: String(windows) },
      coverage: seen.coverage,
    });
  },
};
