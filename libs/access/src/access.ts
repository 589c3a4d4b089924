import { ROLES_OF_ACTION, type Action, type Role } from './actions.js';
import { ALL_NAMES, holds, isEverything, type NameSet } from './name-set.js';
import { NamespaceScope, WHOLE_SCOPE } from './namespace-scope.js';

/** A role, and where it counts. */
export interface Grant {
  readonly role: Role;
  readonly clusters: NameSet;
  readonly namespaces: NameSet;
}

/** How a caller proved who it is. `none`: nobody is asked to. `system`: the service itself. */
export type Authentication = 'none' | 'system' | 'oidc' | 'token' | 'kubernetes' | 'chat';

/** Somebody who asks. */
export interface Caller {
  /** Unique among callers of all kinds: `oidc:issuer#sub`, `token:id`, `kubernetes:cluster/user`, `anonymous`. */
  readonly subject: string;
  /** What people call it. */
  readonly name: string;
  readonly authentication: Authentication;
  readonly grants: readonly Grant[];
  /** When what proved the caller ends; null when it does not. */
  readonly expiresAt: Date | null;
}

/** What names a cluster to a grant. */
export interface ClusterIdentity {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** They are asked for with every question, and the same grants come with many. */
const SCOPE_KEYS = new WeakMap<readonly Grant[], string>();

/** What one caller may see and touch while it does one thing. Made by `accessFor` and `systemAccess` alone. */
export class Access {
  constructor(
    readonly caller: Caller,
    readonly action: Action | 'system',
    /** Those of the caller's grants whose role allows the action. */
    readonly grants: readonly Grant[],
  ) {}

  private readonly noted = new Map<string, (() => boolean) | null>();

  /**
   * Notes what an answer is made from, as `cluster:number` of a snapshot. `isCurrent` tells later whether the same
   * question would lead to the same source; null where that is not known without looking.
   */
  note(source: string, isCurrent: (() => boolean) | null = null): void {
    this.noted.set(source, isCurrent);
  }

  /** What was noted, sorted: with the question and the scope it decides the answer. */
  get sources(): readonly string[] {
    return [...this.noted.keys()].sort();
  }

  /** Tells whether all that was noted is current; null when that cannot be told. */
  get areCurrent(): (() => boolean) | null {
    const checks = [...this.noted.values()].filter((check) => check !== null);
    if (checks.length === 0 || checks.length < this.noted.size) return null;
    return () => checks.every((isCurrent) => isCurrent());
  }

  /** True when no cluster can be outside of what the caller may know. */
  get seesEveryCluster(): boolean {
    return this.grants.some((grant) => isEverything(grant.clusters));
  }

  /** True when nothing at all can be outside of what the caller may know. */
  get seesEverything(): boolean {
    return this.grants.some((grant) => isEverything(grant.clusters) && isEverything(grant.namespaces));
  }

  /** Whether the caller may know of the cluster. */
  seesCluster(cluster: ClusterIdentity): boolean {
    return this.grants.some((grant) => isOf(grant, cluster));
  }

  /** True when the caller may know everything of the cluster, what has no namespace included. */
  seesWhole(cluster: ClusterIdentity): boolean {
    return this.grants.some((grant) => isEverything(grant.namespaces) && isOf(grant, cluster));
  }

  /** The same caller with those grants alone that show all of their clusters: for what is about whole clusters. */
  get whole(): Access {
    const grants = this.grants.filter((grant) => isEverything(grant.namespaces));
    return new Access(this.caller, this.action, grants);
  }

  /** What of the cluster the caller may know. */
  namespacesOf(cluster: ClusterIdentity): NamespaceScope {
    if (this.seesWhole(cluster)) return WHOLE_SCOPE;
    const grants = this.grants.filter((grant) => isOf(grant, cluster));
    return new NamespaceScope(grants.map(({ namespaces }) => namespaces));
  }

  /** Equal for callers that see the same: what answers and cursors may be kept by. */
  get scopeKey(): string {
    let key = SCOPE_KEYS.get(this.grants);
    if (key === undefined) {
      key = JSON.stringify(this.grants.map(({ clusters, namespaces }) => [clusters, namespaces]));
      SCOPE_KEYS.set(this.grants, key);
    }
    return key;
  }
}

function isOf({ clusters }: Grant, { name, labels }: ClusterIdentity): boolean {
  return holds(clusters, name, labels ?? {});
}

/** The caller's access for an action; null when no role of the caller allows it anywhere. */
export function accessFor(caller: Caller, action: Action): Access | null {
  const roles = ROLES_OF_ACTION[action];
  const isAllowed = ({ role }: Grant): boolean => roles.includes(role);
  const grants = caller.grants.every(isAllowed) ? caller.grants : caller.grants.filter(isAllowed);
  return grants.length === 0 ? null : new Access(caller, action, grants);
}

const EVERYWHERE: readonly Grant[] = [{ role: 'admin', clusters: ALL_NAMES, namespaces: ALL_NAMES }];

/** Who asks while nobody has to say who they are. */
export const ANONYMOUS: Caller = {
  subject: 'anonymous',
  name: 'anonymous',
  authentication: 'none',
  grants: EVERYWHERE,
  expiresAt: null,
};

/** Everything, for work that the service does of itself. `work` says which. */
export function systemAccess(work: string): Access {
  const caller: Caller = { ...ANONYMOUS, subject: `system:${work}`, name: work, authentication: 'system' };
  return new Access(caller, 'system', EVERYWHERE);
}
