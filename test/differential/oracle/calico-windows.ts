import { wantsLabels } from './calico-rules.js';
import { protocolOf, type OraclePod } from './cluster.js';
import { get, has, items, obj, type Raw } from './fields.js';
import { type Scene } from './network-policy.js';

/** Whether Felix enforces policy by HNS on a node. */
export function enforcesByHns(node: string, { cluster, conventions }: Scene): boolean {
  const labels = cluster.nodes.find(({ name }) => name === node)?.labels;
  return conventions.windowsAgents && labels?.get('kubernetes.io/os') === 'windows';
}

/** CAL-73: whether it does so with the pod's. */
export const runsOnWindows = (pod: OraclePod, scene: Scene): boolean => enforcesByHns(pod.node, scene);

const isName = (port: unknown): boolean => typeof port === 'string' && !/^\d+(?::\d+)?$/.test(port);

/** CAL-73: a rule that HNS has no form for. CAL-74: `notSelector` beside other selectors has. */
export function hasNoForm(policy: Raw, rule: unknown): boolean {
  const sides = [get(rule, 'source'), get(rule, 'destination')];
  return (
    has(rule, 'notProtocol') ||
    ['icmp', 'notICMP'].some((key) => has(get(rule, key), 'type')) ||
    sides.some(
      (side) =>
        ['notNets', 'notPorts'].some((key) => has(side, key)) ||
        (has(side, 'notSelector') && !wantsLabels(policy, side)) ||
        items(get(side, 'ports')).some(isName),
    )
  );
}

/** CAL-73: a NetworkPolicy without peers that have exceptions, and without protocols of which a port is named. */
export function leftOnWindows(policy: Raw): Raw {
  const left = (rules: readonly unknown[], peers: 'from' | 'to'): readonly unknown[] =>
    rules.flatMap((rule) => {
      const ports = items(get(rule, 'ports'));
      const named = ports.filter((port) => typeof get(port, 'port') === 'string').map(protocolOf);
      const kept = {
        [peers]: items(get(rule, peers)).filter((peer) => items(get(peer, 'ipBlock', 'except')).length === 0),
        ports: ports.filter((port) => !named.includes(protocolOf(port))),
      };
      const emptied = [peers, 'ports'].some((key) => items(get(rule, key)).length > 0 && kept[key]?.length === 0);
      return emptied ? [] : [{ ...obj(rule), ...kept }];
    });
  const spec = obj(get(policy, 'spec'));
  const rules = {
    ...(has(spec, 'ingress') ? { ingress: left(items(get(spec, 'ingress')), 'from') } : {}),
    ...(has(spec, 'egress') ? { egress: left(items(get(spec, 'egress')), 'to') } : {}),
  };
  return { ...policy, spec: { ...spec, ...rules } };
}
