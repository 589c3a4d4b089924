import type { Action, Direction, PortMatch, Selector } from '../../model/index.js';

/** One peer of a rule, with selectors already read. */
export type RawPeer =
  /** Pods by namespace and pod labels; the selector does not yet say which kinds of endpoint count as pods. */
  | {
      readonly type: 'pods';
      readonly by: 'namespaces' | 'pods';
      readonly selector: Selector;
      readonly namespaces: Selector;
    }
  | { readonly type: 'nodes'; readonly selector: Selector }
  | { readonly type: 'networks'; readonly cidrs: readonly string[] }
  | { readonly type: 'domainNames'; readonly names: readonly string[] }
  /** A form that a former version of the API had and that no implementation of today reads. */
  | { readonly type: 'removed'; readonly what: string }
  /** No field that the API version knows: the rule fails closed. */
  | { readonly type: 'unknown' };

/** What a rule says of protocol and port. `unread` names matches of a newer API that we do not know. */
export interface RawPorts {
  readonly matches: readonly PortMatch[];
  readonly unread: readonly string[];
}

export interface RawRule {
  readonly name: string;
  readonly action: Action;
  readonly peers: readonly RawPeer[];
  /** null when the rule does not look at protocols and ports. */
  readonly ports: RawPorts | null;
}

export type UpstreamTier = 'admin' | 'baseline';

/** AdminNetworkPolicy, BaselineAdminNetworkPolicy or ClusterNetworkPolicy with its defaults applied. */
export interface RawUpstreamPolicy {
  readonly tier: UpstreamTier;
  /** 0 for the kind that has no priority. */
  readonly priority: number;
  /** Namespace and pod labels of the subject; see `RawPeer`. */
  readonly subject: Selector;
  readonly rules: Readonly<Record<Direction, readonly RawRule[]>>;
}
