import { Inject, Injectable } from '@nestjs/common';
import { describeValueChange, nodeCni, valueChanges, visibleCni, type CniDetection, type NodeCni } from '#engine';
import { CniChangeRepository, type CniChangeRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listedPage, type ListedPage } from '../paging/listed-page.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotPages, type SnapshotPage, type SnapshotPageQuery } from '../paging/snapshot-pages.js';
import { SnapshotReader } from '../snapshot/snapshot-reader.js';

/** The network plugin that a cluster was found to run from some time on. */
export interface CniChangeView extends CniChangeRecord {
  /** What differs from the one before, for people, a line each; the evidence aside. Empty for the first. */
  readonly changes: readonly string[];
}

/** A page of a cluster's network plugins, newest first. */
export interface CniHistoryPage extends Provenance, ListedPage<CniChangeView> {}

/** What enforces policy in a cluster: over time, and node by node. */
@Injectable()
export class CniHistory {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(CniChangeRepository) private readonly changes: CniChangeRepository,
    @Inject(SnapshotPages) private readonly pages: SnapshotPages,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid` */
  async list(query: {
    readonly cluster: string;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<CniHistoryPage> {
    const { cluster, provenance, sees } = await this.reader.locate(query.cluster);
    const scope = ['cni-history', cluster.id];
    const before = query.cursor === undefined ? undefined : Number(this.cursors.open(scope, query.cursor)[0]);
    // One more than the page shows, as the last of it is compared with the one before.
    const all = await this.changes.list(cluster.id, query.limit + 1, before);
    const found = all.map((change) => ({ ...change, cni: visibleCni(change.cni, sees) }));
    const page = listedPage(found, query.limit, ({ number }) => this.cursors.seal(scope, [number]));
    return { ...provenance, ...page, items: page.items.map((change, index) => view(change, found[index + 1])) };
  }

  /**
   * The plugin on each node of a snapshot, by name. Needs the right to see what has no namespace: without it there are
   * no nodes. @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  nodes(query: SnapshotPageQuery): Promise<SnapshotPage<NodeCni>> {
    return this.pages.page(
      query,
      ['cni-nodes'],
      ({ compiled, sees }) => (sees('') ? nodeCni(compiled.cni, compiled.index.nodes, compiled.index.pods) : []),
      (node, { sees }) => ({ ...node, agents: node.agents.filter((agent) => sees(agent.namespace)) }),
    );
  }
}

function view(change: CniChangeRecord, earlier: CniChangeRecord | undefined): CniChangeView {
  const changes = earlier === undefined ? [] : valueChanges(compared(earlier.cni), compared(change.cni));
  return { ...change, changes: changes.map(describeValueChange) };
}

/** What makes one plugin another: the evidence for it moves with every restart of an agent. */
function compared({ evidence: _, confidence: __, ...rest }: CniDetection): unknown {
  return rest;
}
