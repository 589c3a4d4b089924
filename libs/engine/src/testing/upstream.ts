import type { Semantics } from '../model/index.js';
import { rawNetworkPolicy } from './facts.js';
import { PolicyWorld } from './policy-world.js';

/** A part of a manifest. */
export type Spec = Readonly<Record<string, unknown>>;

export const ALL_PODS = { namespaces: {} };
export const CLIENT = { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'client' } } } };
export const SERVER = { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'server' } } } };

export const anp = (priority: unknown, spec: Spec, name = `p${String(priority)}`): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name },
  spec: { priority, subject: ALL_PODS, ...spec },
});
export const banp = (spec: Spec, name = 'default'): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'BaselineAdminNetworkPolicy',
  metadata: { name },
  spec: { subject: ALL_PODS, ...spec },
});
export const cnp = (tier: unknown, priority: unknown, spec: Spec, name = `c${String(priority)}`): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { tier, priority, subject: ALL_PODS, ...spec },
});
export const rule = (action: string, peers: readonly unknown[], more: Spec = {}): Spec => ({
  action,
  to: peers,
  ...more,
});
export const isolateServer = rawNetworkPolicy('b/isolate', { podSelector: { matchLabels: { app: 'server' } } });
export const isolateClient = rawNetworkPolicy('a/isolate', { podSelector: {}, policyTypes: ['Egress'] });

export const world = (policies: readonly unknown[], semantics: Partial<Semantics> = {}): PolicyWorld =>
  new PolicyWorld(policies, semantics);
export const cilium = (options: Readonly<Record<string, string>> = { 'enable-node-selector-labels': 'true' }) =>
  ({ combination: 'cilium', cidrMatches: { pods: false, nodes: false }, podToOwnNode: false, options }) as const;
