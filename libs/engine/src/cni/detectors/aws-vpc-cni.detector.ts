import type { CniEvidence } from '../../model/index.js';
import type { ClusterView } from '../cluster-view.js';
import { envOf, finding, flagOf, isFalse, isTrue, sight } from '../detector.js';
import type { CniDetector, Sighting } from '../detector.js';

const AGENT_CONTAINER = /^aws-(?:eks-nodeagent|network-policy-agent)$/;
const CONTROLLER_KEY = 'enable-network-policy-controller';

/**
 * The Amazon VPC CNI. It enforces when its node agent has `--enable-network-policy=true` and the controller (in the
 * EKS control plane, or self-managed behind the ConfigMap) works; PolicyEndpoint objects prove the latter.
 */
export const awsVpcCniDetector: CniDetector = {
  id: 'aws-vpc-cni',
  detect(view) {
    const seen = sight(view, {
      name: /^aws-node$/,
      labels: { 'k8s-app': 'aws-node' },
      container: /^aws-node$/,
      image: /(?:^|\/)amazon-k8s-cni$/,
    });
    if (seen === null) return null;
    const policy = readPolicy(view, seen);
    const mode = envOf(seen.agents, 'NETWORK_POLICY_ENFORCING_MODE');
    const options: Record<string, string> = { 'enforcing-mode': mode?.toLowerCase() ?? 'standard' };
    return finding({
      profile: 'aws-vpc-cni',
      networking: 'aws-vpc-cni',
      enforces: policy.enforces,
      version: seen.version,
      evidence: [...seen.evidence, ...policy.evidence],
      options,
      coverage: seen.coverage,
      certainty: policy.certainty,
    });
  },
};

interface PolicyReading {
  readonly enforces: 'yes' | 'no' | 'unknown';
  readonly evidence: readonly CniEvidence[];
  readonly certainty: number;
}

function readPolicy(view: ClusterView, seen: Sighting): PolicyReading {
  const agent = seen.agents.find((one) => one.containers.some((container) => AGENT_CONTAINER.test(container.name)));
  const source = agent?.source ?? seen.agents[0]?.source ?? '';
  if (agent === undefined) {
    const detail = 'has no container aws-eks-nodeagent: policy is not enforced';
    return { enforces: 'no', evidence: [{ source, detail, weight: 0.9 }], certainty: 1 };
  }
  const flag = flagOf(seen.agents, 'enable-network-policy', AGENT_CONTAINER);
  const evidence: CniEvidence[] = [
    { source, detail: `--enable-network-policy of the node agent is \`${flag ?? 'not set'}\``, weight: 0.9 },
  ];
  if (!isTrue(flag)) return { enforces: 'no', evidence, certainty: 1 };
  return readController(view, evidence, seen.state === 'down');
}

function readController(view: ClusterView, evidence: CniEvidence[], down: boolean): PolicyReading {
  const endpoints = view.objects('PolicyEndpoint.networking.k8s.aws').length;
  const policies = view.objects('NetworkPolicy.networking.k8s.io').length;
  const map = view.configMap('amazon-vpc-cni');
  const value = map?.data[CONTROLLER_KEY];
  if (endpoints > 0) {
    evidence.push({ source: 'PolicyEndpoint', detail: `${endpoints} objects: the controller works`, weight: 0.9 });
    return { enforces: down ? 'unknown' : 'yes', evidence, certainty: 1 };
  }
  if (map !== null && value !== undefined) {
    evidence.push({ source: map.source, detail: `${CONTROLLER_KEY} is \`${value}\``, weight: 0.5 });
    if (isFalse(value)) return { enforces: 'no', evidence, certainty: 1 };
  }
  if (policies > 0 && view.listed('PolicyEndpoint.networking.k8s.aws')) {
    const detail = `none, although there are ${policies} NetworkPolicy objects: the controller seems not to work`;
    evidence.push({ source: 'PolicyEndpoint', detail, weight: 0.5 });
    return { enforces: 'unknown', evidence, certainty: 0.6 };
  }
  return { enforces: down ? 'unknown' : 'yes', evidence, certainty: isTrue(value) ? 1 : 0.8 };
}
