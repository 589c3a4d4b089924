import type { PortMatch, Selector } from '../../model/index.js';

/** The one destination of a rule. */
export type RawDestination =
  | { readonly type: 'block'; readonly cidr: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'nodes'; readonly selector: Selector };

export interface RawFirewallRule {
  readonly action: 'allow' | 'deny';
  readonly to: RawDestination | null;
  /** null is every port and protocol. */
  readonly ports: readonly PortMatch[] | null;
}
