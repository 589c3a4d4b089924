import { field, list, path, text } from '../../base/index.js';
import { and, or } from '../../model/index.js';
import type { AuxFact, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { meshMembers } from './enrolment.js';
import { GATEWAY, GATEWAY_NAME, gatewayPods, ISTIO_GATEWAY, istioGatewayPods } from './targets.compile.js';

const GATEWAY_API_PODS: Selector = { type: 'label', owner: 'pod', key: GATEWAY_NAME, op: 'exists', values: [] };

/** Pods whose proxies have no workload beside them (IM-43). */
export function gateways(env: CompileEnv): Selector {
  return or(GATEWAY_API_PODS, ...env.aux(ISTIO_GATEWAY).map(istioGatewayPods));
}

/** The proxies of such pods: what they serve is told by Gateways alone (IM-63). */
export function servingProxies(env: CompileEnv): Selector {
  return and(meshMembers('sidecar', 'partial'), gateways(env));
}

/** Those of them that ask clients for certificates somewhere, so that they may know who they are. */
export function askingGateways(env: CompileEnv): Selector {
  return or(
    ...env.aux(ISTIO_GATEWAY).filter(asks('servers')).map(istioGatewayPods),
    ...env
      .aux(GATEWAY)
      .filter(asks('listeners'))
      .map(({ meta }) => gatewayPods(meta.namespace, meta.name)),
  );
}

const MUTUAL: readonly string[] = ['MUTUAL', 'ISTIO_MUTUAL', 'OPTIONAL_MUTUAL'];

const asks =
  (key: 'servers' | 'listeners') =>
  ({ raw }: AuxFact): boolean =>
    list(path(raw, 'spec', key)).some((one) => {
      const tls = field(one, 'tls');
      if (key === 'servers') return MUTUAL.includes(text(field(tls, 'mode')));
      const mode = text(path(tls, 'options', 'gateway.istio.io/tls-terminate-mode'));
      return (
        MUTUAL.includes(mode) || field(tls, 'frontendValidation') !== undefined || field(one, 'protocol') === 'HBONE'
      );
    });
