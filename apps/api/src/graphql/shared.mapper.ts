import type { Provenance, SnapshotPage } from '#analysis';
import { oncePer, type CniDetection, type Diagnostic } from '#engine';
import { pickRef } from '../rest/provenance.mapper.js';
import type { AnswerModel, CniModel, DiagnosticModel, LabelModel } from './model/shared.model.js';
import type { AnswerConnection, Connection } from './model/connection.model.js';
import type { Shape } from './model/shape.js';
import { isBackward, type AskedPage } from './page.args.js';

/** A map as a list of entries, which a typed schema can describe. */
export function toLabels(map: Readonly<Record<string, string>>): Shape<LabelModel>[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }));
}

export function toAnswer({ asOf, completeness, engineVersion }: Provenance): Shape<AnswerModel> {
  return { asOf, completeness, engineVersion };
}

/** It is one object for all answers of a snapshot. */
export const toCni = oncePer(({ networking, ...cni }: CniDetection): Shape<CniModel> => {
  const engines = (cni.engines ?? []).map((engine) => ({ ...engine, options: toLabels(engine.options) }));
  return { networking, ...cni, options: toLabels(cni.options), engines };
});

export function toDiagnostic(diagnostic: Diagnostic): Shape<DiagnosticModel> {
  return { ...diagnostic, object: diagnostic.object === null ? null : pickRef(diagnostic.object) };
}

/** A page as a connection; `nodes` are its items as they are shown. */
export function toConnection<N>(
  nodes: readonly N[],
  page: { readonly nextCursor: string | null; cursorAfter(index: number): string },
  args: AskedPage,
): Connection<N> {
  const edges = nodes.map((node, index) => ({ cursor: page.cursorAfter(index), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: isBackward(args) ? typeof args.before === 'string' : page.nextCursor !== null,
      hasPreviousPage: isBackward(args) ? page.nextCursor !== null : typeof args.after === 'string',
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** A page of a list about one snapshot as a connection. */
export function toAnswerConnection<T, N>(
  page: SnapshotPage<T>,
  args: AskedPage,
  map: (item: T) => N,
): AnswerConnection<N> {
  return { ...toConnection(page.items.map(map), page, args), ...toAnswer(page), totalCount: page.total };
}
