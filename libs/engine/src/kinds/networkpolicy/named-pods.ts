import { oncePer, pushTo } from '../../base/index.js';
import { hasName } from '../../model/index.js';
import type { Labels, PodShape, Protocol, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { holdsFor } from '../shared/index.js';

/** A pod, or what a workload makes pods of, with the number that it gives a port's name. */
interface NamedPort {
  readonly namespace: string;
  readonly labels: Labels;
  readonly onHost: boolean;
  readonly port: number;
}

/** By `protocol/name`. */
const namedPorts = oncePer((env: CompileEnv): ReadonlyMap<string, readonly NamedPort[]> => {
  const out = new Map<string, NamedPort[]>();
  const add = (namespace: string, { labels, hostNetwork, ports }: PodShape): void => {
    for (const container of ports) {
      const { name, port, protocol } = container;
      // Engines that gather names know none of init containers. (NP-53)
      if (name === '' || !hasName(container, 'main')) continue;
      pushTo(out, `${protocol}/${name}`, { namespace, labels, onHost: hostNetwork, port });
    }
  };
  for (const { meta, shape, phase } of env.pods) {
    if (phase !== 'Succeeded' && phase !== 'Failed') add(meta.namespace, shape);
  }
  for (const { meta, template } of env.workloads) add(meta.namespace, template);
  return out;
});

/** Pods as a policy chooses them: `same` is the namespace of the policy. */
export interface ChosenPods {
  readonly selectors: readonly Selector[];
  readonly namespace: string;
  /** Whether those on the host network count. */
  readonly hosts: boolean;
}

/** The numbers that pods give a port's name, in order. */
export function numbersAmong(
  { selectors, namespace, hosts }: ChosenPods,
  name: string,
  protocol: Protocol,
  env: CompileEnv,
): readonly number[] {
  const found = (namedPorts(env).get(`${protocol}/${name}`) ?? []).filter(
    (one) => (hosts || !one.onHost) && selectors.some((selector) => chooses(selector, one, namespace, env)),
  );
  return [...new Set(found.map(({ port }) => port))].sort((a, b) => a - b);
}

function chooses(selector: Selector, pod: NamedPort, namespace: string, env: CompileEnv): boolean {
  switch (selector.type) {
    case 'all':
      return true;
    case 'and':
      return selector.of.every((member) => chooses(member, pod, namespace, env));
    case 'same':
      return pod.namespace === namespace;
    case 'label':
      return holdsFor(selector, selector.owner === 'namespace' ? namespaceLabels(pod.namespace, env) : pod.labels);
    default:
      return false;
  }
}

const namespaceLabels = (name: string, { namespaces }: CompileEnv): Labels =>
  namespaces.get(name)?.meta.labels ?? { 'kubernetes.io/metadata.name': name };
