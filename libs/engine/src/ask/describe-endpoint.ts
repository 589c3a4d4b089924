import type { EndpointView } from './answer.js';

/** An end of a flow in words. */
export function describeEndpoint(view: EndpointView): string {
  const parts = [view.label];
  if (view.workload !== '') parts.push(`of ${view.workload}`);
  if (view.address !== '' && view.address !== view.label) parts.push(`at ${view.address}`);
  if (view.node !== '' && view.kind !== 'node') parts.push(`on node ${view.node}`);
  if (view.kind === 'hostpod') parts.push('(host network: not subject to pod policy)');
  if (view.kind === 'external') parts.push('(outside the cluster)');
  return parts.join(' ');
}
