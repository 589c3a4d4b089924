import { oncePer } from '../../base/index.js';
import { and, labelsEqual, NONE, or } from '../../model/index.js';
import type { NamePattern, Selector, ServiceFact } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { podPeer } from '../shared/index.js';

/** The pods behind a Service by its selector; none without a selector or when there is no such Service (AT-31). */
export function servicePods(namespace: string, name: string, env: CompileEnv): Selector {
  const selector = env.services.get(`${namespace}/${name}`)?.selector ?? null;
  if (selector === null) return NONE;
  return and({ type: 'namespace', names: [namespace] }, labelsEqual('pod', selector));
}

/** The zone of in-cluster names; another one cannot be told from the inventory. */
const ZONE = 'svc.cluster.local';

const headless = oncePer((env: CompileEnv): readonly ServiceFact[] =>
  [...env.services.values()].filter((service) => service.headless && service.selector !== null),
);

/**
 * Pods that a host name leads to. Only names of headless Services resolve to pods: other Services resolve to an
 * address that is translated before policy looks at it (AT-29).
 */
export function podsByName(pattern: NamePattern, matches: (name: string) => boolean, env: CompileEnv): Selector {
  return or(
    ...headless(env).flatMap((service) => {
      const { namespace, name } = service.meta;
      const pods = servicePods(namespace, name, env);
      if (matches(`${name}.${namespace}.${ZONE}`)) return [podPeer(env.semantics, pods)];
      const own = env.pods
        .filter((pod) => pod.meta.namespace === namespace && pod.meta.owner?.kind === 'StatefulSet')
        .map((pod) => pod.meta.name)
        .filter((pod) => matches(`${pod}.${name}.${namespace}.${ZONE}`));
      if (own.length === 0) return [];
      return [podPeer(env.semantics, pods, { type: 'endpoint', namespace, names: own })];
    }),
  );
}
