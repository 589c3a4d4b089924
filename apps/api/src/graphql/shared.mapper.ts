import type { Provenance, SnapshotPage } from '#analysis';
import type { CniDetection, Diagnostic } from '#engine';
import { pickRef } from '../rest/provenance.mapper.js';
import type { AnswerModel, CniModel, DiagnosticModel, LabelModel, PageInfoModel } from './model/shared.model.js';
import type { AnswerConnection } from './model/connection.model.js';
import type { Shape } from './model/shape.js';

/** A map as a list of entries, which a typed schema can describe. */
export function toLabels(map: Readonly<Record<string, string>>): Shape<LabelModel>[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}

export function toAnswer({ asOf, completeness, engineVersion }: Provenance): Shape<AnswerModel> {
  return { asOf, completeness, engineVersion };
}

export function toCni(cni: CniDetection): Shape<CniModel> {
  const engines = (cni.engines ?? []).map((engine) => ({ ...engine, options: toLabels(engine.options) }));
  return { ...cni, options: toLabels(cni.options), engines };
}

export function toDiagnostic(diagnostic: Diagnostic): Shape<DiagnosticModel> {
  return { ...diagnostic, object: diagnostic.object === null ? null : pickRef(diagnostic.object) };
}

/** A page as a connection; `cursors` has one cursor for each node. */
export function toConnection<N>(
  nodes: readonly N[],
  cursors: readonly string[],
  page: { readonly hasNext: boolean; readonly hasPrevious: boolean },
): {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
  readonly pageInfo: Shape<PageInfoModel>;
} {
  return {
    edges: nodes.map((node, index) => ({ cursor: cursors[index] ?? '', node })),
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: page.hasPrevious,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
  };
}

/** A page of a list about one snapshot as a connection. */
export function toAnswerConnection<T, N>(
  page: SnapshotPage<T>,
  hasPrevious: boolean,
  map: (item: T) => N,
): AnswerConnection<N> {
  const cursors = page.items.map((_, index) => page.cursorAfter(index));
  const edges = toConnection(page.items.map(map), cursors, { hasNext: page.nextCursor !== null, hasPrevious });
  return { ...edges, ...toAnswer(page), totalCount: page.total };
}
