import { nameOf, namespaceOf, type OracleCluster } from './cluster.js';
import type { Raw } from './fields.js';

export const GATEWAY_API = 'gateway.networking.k8s.io';
/** The label of a Gateway's own pods. */
export const GATEWAY_NAME = `${GATEWAY_API}/gateway-name`;

/** A Gateway by its group, namespace and name. */
export function gatewayAt(group: string, namespace: string, name: string, { objects }: OracleCluster): Raw | undefined {
  return (objects.get(`Gateway.${group}`) ?? []).find((one) => namespaceOf(one) === namespace && nameOf(one) === name);
}
