import { text } from '../../base/index.js';
import type { CniEvidence, Labels } from '../../model/index.js';
import type { ClusterView } from '../cluster-view.js';
import { annotationEvidence, enforcesWhenUp, finding, sight } from '../detector.js';
import type { CniDetector, CniFinding } from '../detector.js';
import { readVersion } from '../version.js';

/** Feature gates that change answers; each becomes the option `gate.<name>`. */
const GATES: readonly string[] = [
  'AntreaPolicy',
  'AdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'NodeNetworkPolicy',
  'L7NetworkPolicy',
];

/** Antrea, as networking or for policy only on a cloud's plugin. */
export const antreaDetector: CniDetector = {
  id: 'antrea',
  detect(view) {
    const seen = sight(view, {
      name: /^antrea-agent(?:-windows)?$/,
      labels: { component: 'antrea-agent' },
      container: /^antrea-agent$/,
      image: /(?:^|\/)(?:antrea-ubuntu|antrea-agent-ubuntu|antrea-agent-ubi|antrea-ubi|antrea-windows|antrea-agent)$/,
    });
    if (seen === null) return withoutAgent(view);
    const config = view.configMap('antrea-config');
    const options = config === null ? {} : readConfig(config.data);
    const evidence: CniEvidence[] = [...seen.evidence];
    const information = controllerInfo(view);
    if (information !== null) evidence.push(information.evidence);
    if (config !== null) evidence.push({ source: config.source, detail: 'configures Antrea', weight: 0.5 });
    const policyOnly = options['traffic-encap-mode']?.toLowerCase() === 'networkpolicyonly';
    return finding({
      profile: 'antrea',
      networking: policyOnly ? '' : 'antrea',
      networkingStated: config !== null && !policyOnly,
      enforces: enforcesWhenUp(seen),
      version: information === null || information.version === '' ? seen.version : information.version,
      evidence,
      options,
      coverage: seen.coverage,
    });
  },
};

function withoutAgent(view: ClusterView): CniFinding | null {
  if (view.daemonSetsKnown) return null;
  const information = controllerInfo(view);
  const annotation = annotationEvidence(view, 'node.antrea.io/');
  if (annotation === null) return null;
  const evidence = information === null ? [annotation] : [annotation, information.evidence];
  return finding({
    profile: 'antrea',
    networking: 'antrea',
    enforces: information === null ? 'unknown' : 'yes',
    version: information?.version ?? '',
    evidence,
    certainty: 0.8,
  });
}

function controllerInfo(view: ClusterView): { version: string; evidence: CniEvidence } | null {
  const [object] = view.objects('AntreaControllerInfo.crd.antrea.io');
  if (object === undefined) return null;
  const version = text(object.raw['version']);
  const evidence = {
    source: `AntreaControllerInfo ${object.meta.name}`,
    detail: `version \`${version}\``,
    weight: 0.5,
  };
  return { version: readVersion(version), evidence };
}

/** The ConfigMap holds two YAML files of plain `key: value` lines; comments are defaults and are not read. */
function readConfig(data: Labels): Record<string, string> {
  const options: Record<string, string> = {};
  for (const file of ['antrea-controller.conf', 'antrea-agent.conf']) {
    for (const line of (data[file] ?? '').split('\n')) {
      const found = /^\s*([A-Za-z0-9]+)\s*:\s*["']?([\w.-]+)["']?\s*(?:#.*)?$/.exec(line);
      const key = found?.[1] ?? '';
      const value = found?.[2] ?? '';
      if (GATES.includes(key)) options[`gate.${key}`] = value;
      else if (key === 'trafficEncapMode') options['traffic-encap-mode'] = value;
    }
  }
  return options;
}
