import { ANY_PORT } from '../model/index.js';
import type { CompiledPolicy, ObjectRef, PolicyEntry, Semantics, Tier } from '../model/index.js';
import { podSubject } from '../kinds/shared/index.js';

/** After every other tier: what comes here is a flow of a pod that no policy decided about. */
const POD_DEFAULT_TIER: Tier = {
  id: 'pod-default',
  title: 'default of pods',
  order: [Number.MAX_SAFE_INTEGER],
  passTo: '',
  gate: 'cni',
};

/**
 * Denies, where the CNI's default for pods is `deny`, what no policy decides; pods on the host network have no default.
 * In the strict mode of the Amazon VPC CNI the agent consults this state last, after the baseline tier
 * (aws/aws-network-policy-agent pkg/ebpf/c). Cilium and Calico have defaults of their own inside their tiers.
 */
export function podDefault(semantics: Semantics): { readonly policies: CompiledPolicy[]; readonly tiers: Tier[] } {
  const { combination } = semantics;
  if (semantics.podDefault !== 'deny' || combination === 'cilium' || combination === 'calico') {
    return { policies: [], tiers: [] };
  }
  const policy = settingOf(semantics);
  const entries = (['ingress', 'egress'] as const).map((direction): PolicyEntry => ({
    source: { policy, pointer: '', index: -1, name: '' },
    direction,
    tier: POD_DEFAULT_TIER.id,
    order: [0],
    tieUndefined: false,
    subject: podSubject(semantics),
    peers: { type: 'none' },
    ports: ANY_PORT,
    family: null,
    action: 'allow',
    isolates: true,
    conditions: [],
  }));
  return { policies: [{ policy, entries, diagnostics: [], refused: false }], tiers: [POD_DEFAULT_TIER] };
}

/** The object that holds the setting. */
function settingOf(semantics: Semantics): ObjectRef {
  return semantics.options['engine'] === 'eks-auto'
    ? { group: 'eks.amazonaws.com', kind: 'NodeClass', namespace: '', name: 'default' }
    : { group: 'apps', kind: 'DaemonSet', namespace: 'kube-system', name: 'aws-node' };
}
