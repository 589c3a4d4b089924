import { Inject, Injectable } from '@nestjs/common';
import { currentAccess, type Access } from '#access';
import { AppError, type SuppressionInput, type SuppressionsInput } from '#contracts';
import {
  ClusterRepository,
  SUPPRESSION_ORDER,
  SuppressionRepository,
  type ClusterRecord,
  type Keyset,
  type SuppressionRecord,
} from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { CheckCatalogue } from './check-catalogue.js';

/** A page of suppressions, the next to expire first. */
export type SuppressionPage = ListedPage<SuppressionRecord>;

/** Findings that somebody accepts for a time. They are applied when findings are read, so an end needs nobody. */
@Injectable()
export class Suppressions {
  constructor(
    @Inject(SuppressionRepository) private readonly rows: SuppressionRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(CheckCatalogue) private readonly catalogue: CheckCatalogue,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Who does not see the whole of what a suppression would speak for must say which part: a cluster, and a namespace.
   * @throws AppError `cluster.not_found`, `forbidden`, `request.invalid` (an unknown check)
   */
  async add(input: SuppressionInput): Promise<SuppressionRecord> {
    const { cluster: ref, fingerprint, check, namespace, owner, reason, expiresAt } = input;
    const access = currentAccess();
    if (check !== undefined) await this.catalogue.chosen([check]);
    const cluster = ref === undefined ? null : await this.clusters.get(ref);
    if (!mayAccept(access, cluster, namespace)) throw tooWide(cluster);
    return this.rows.add({
      clusterId: cluster?.id ?? null,
      fingerprint: fingerprint ?? null,
      checkId: check ?? null,
      namespace: namespace ?? null,
      owner,
      reason,
      requester: access.caller.subject,
      expiresAt,
    });
  }

  /** @throws AppError `cluster.not_found`, `cursor.invalid` */
  async list({ cluster, expired, ...page }: SuppressionsInput): Promise<SuppressionPage> {
    const clusterId = cluster === undefined ? null : (await this.clusters.get(cluster)).id;
    const walk = listWalk(this.cursors, ['suppressions', clusterId, expired], SUPPRESSION_ORDER, page);
    const found: SuppressionRecord[] = [];
    for (let keyset: Keyset | null = walk.keyset; keyset !== null && found.length < walk.keyset.limit;) {
      const rows: SuppressionRecord[] = await this.rows.list(clusterId, expired === 'include', keyset);
      // A page that were short of what is hidden would tell of it.
      found.push(...(await this.shown(rows)));
      const last: SuppressionRecord | undefined = rows.length < keyset.limit ? undefined : rows.at(-1);
      keyset = last === undefined ? null : walk.behind(last);
    }
    return walk.page(found);
  }

  /** Without those for namespaces that the caller may not know of. */
  private async shown(suppressions: readonly SuppressionRecord[]): Promise<SuppressionRecord[]> {
    const access = currentAccess();
    const kept: SuppressionRecord[] = [];
    for (const suppression of suppressions) {
      const { clusterId, namespace } = suppression;
      const cluster = clusterId === null || namespace === null ? null : await this.clusters.get(clusterId);
      const sees = cluster === null ? access.seesEverything : access.namespacesOf(cluster).sees(namespace ?? '');
      if (namespace === null || sees) kept.push(suppression);
    }
    return kept;
  }

  /** The findings count again from now on. @throws AppError `not_found`, `forbidden` */
  async remove(id: string): Promise<SuppressionRecord> {
    const suppression = await this.rows.get(id);
    const { clusterId, namespace } = suppression;
    const cluster = clusterId === null ? null : await this.clusters.get(clusterId);
    if (!mayAccept(currentAccess(), cluster, namespace ?? undefined)) throw tooWide(cluster);
    await this.rows.remove(suppression.id);
    return suppression;
  }
}

function mayAccept(access: Access, cluster: ClusterRecord | null, namespace: string | undefined): boolean {
  if (cluster === null) return access.seesEverything;
  return access.seesWhole(cluster) || (namespace !== undefined && access.namespacesOf(cluster).sees(namespace));
}

function tooWide(cluster: ClusterRecord | null): AppError {
  const what = cluster === null ? 'a cluster and a namespace' : 'a namespace';
  return new AppError('forbidden', `it would speak for more than you may see, name ${what} of yours`);
}
