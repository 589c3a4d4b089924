import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { grantsOf, runAsSystem, type AuthSettings, type Caller } from '#access';
import { reviewToken, type KubeAccess, type ReviewedUser } from '#kube';
import { ClusterRepository } from '#store';

const KEEP_MS = 60_000;
const MOST_KEPT = 10_000;

interface Kept {
  readonly until: number;
  readonly user: Promise<ReviewedUser | null>;
}

/** Finds out whose token of a cluster it is, by asking that cluster. Answers are kept for a minute, by the token's hash. */
@Injectable()
export class TokenReviews {
  private readonly kept = new Map<string, Kept>();

  constructor(@Inject(ClusterRepository) private readonly clusters: ClusterRepository) {}

  /** Who has the token in the first of the clusters that knows it; null when none does. */
  async find(token: string, settings: AuthSettings): Promise<Caller | null> {
    for (const { cluster, audience } of settings.kubernetes) {
      const user = await this.review(cluster, audience, token);
      if (user !== null) return callerOf(cluster, user, settings, new Date(Date.now() + KEEP_MS));
    }
    return null;
  }

  private review(cluster: string, audience: string, token: string): Promise<ReviewedUser | null> {
    const now = Date.now();
    const key = createHash('sha256')
      .update(JSON.stringify([cluster, audience, token]))
      .digest('base64url');
    const known = this.kept.get(key);
    if (known !== undefined && known.until > now) return known.user;
    const user = this.accessOf(cluster).then((access) =>
      access === null ? null : reviewToken(access, token, audience),
    );
    this.kept.delete(key);
    this.kept.set(key, { until: now + KEEP_MS, user });
    // A cluster that could not be asked is asked again.
    user.catch(() => this.kept.delete(key));
    this.trim();
    return user;
  }

  /** The way to the API server; null for clusters that are read from manifests. */
  private accessOf(cluster: string): Promise<KubeAccess | null> {
    return runAsSystem('token review', async (): Promise<KubeAccess | null> => {
      const { id, source } = await this.clusters.get(cluster);
      if (source.type === 'inCluster') return { type: 'inCluster' };
      if (source.type !== 'kubeconfig') return null;
      const { path, context } = source;
      if (path !== null) return { type: 'path', path, context };
      const text = await this.clusters.loadCredentials(id);
      return text === null ? null : { type: 'text', text: text.reveal(), context };
    });
  }

  private trim(): void {
    for (const key of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT) return;
      this.kept.delete(key);
    }
  }
}

function callerOf(cluster: string, user: ReviewedUser, settings: AuthSettings, expiresAt: Date): Caller {
  const names = [...user.groups, user.username].map((name) => `${cluster}/${name}`);
  return {
    subject: `kubernetes:${cluster}/${user.username}`,
    name: user.username,
    authentication: 'kubernetes',
    grants: grantsOf(settings, names),
    expiresAt,
  };
}
