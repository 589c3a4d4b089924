import { type ClusterProblem } from '#contracts';
import { type Fact, type NormaliseResult, field, list, normaliseObject, path, text } from '#engine';

import type { ServedKind } from './discovery.js';
import { KubeFault } from './kube-fault.js';
import type { KubeTransport } from './kube-transport.js';
import { METADATA_ONLY, type VisitVersion, readMetadataPage } from './metadata-page.js';
import { nameOf } from './object-name.js';

/** All objects of a kind at one resource version. */
export interface KindList {
  readonly facts: Fact[];
  readonly problems: ClusterProblem[];
  /** Version of each object, by `namespace/name`. */
  readonly versions: Map<string, string>;
  readonly resourceVersion: string;
  /** False: there is more, and it was not asked for. */
  readonly isWhole: boolean;
}

export interface ListOptions {
  readonly signal: AbortSignal;
  /** 0 asks for everything at once. */
  readonly pageSize: number;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Reads no page after the first. */
  readonly firstPageOnly?: boolean;
}

/** Lists a kind page by page, each page normalised as it comes. Throws `KubeFault`. */
export async function listKind(transport: KubeTransport, kind: ServedKind, options: ListOptions): Promise<KindList> {
  try {
    return await listPages(transport, kind, options);
  } catch (error) {
    // The pages' snapshot was compacted away while we read them: one big answer cannot expire half way.
    if (!(error instanceof KubeFault) || error.type !== 'expired' || options.pageSize === 0) throw error;
    return listPages(transport, kind, { ...options, pageSize: 0 });
  }
}

async function listPages(transport: KubeTransport, kind: ServedKind, options: ListOptions): Promise<KindList> {
  const out = {
    facts: [] as Fact[],
    problems: [] as ClusterProblem[],
    versions: new Map<string, string>(),
    resourceVersion: '',
    isWhole: true,
  };
  const what = kind.watched.resource;
  let next = '';
  do {
    const query = new URLSearchParams();
    if (options.pageSize > 0) query.set('limit', String(options.pageSize));
    if (next !== '') query.set('continue', next);
    if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
    if (options.labelSelector !== undefined) query.set('labelSelector', options.labelSelector);
    const page = await transport.getJson(`${kind.path}?${query.toString()}`, { signal: options.signal, what });
    if (field(page, 'metadata') === undefined) throw new KubeFault('protocol', `the list of ${what} has no metadata`);
    for (const item of list(field(page, 'items'))) {
      collect(readObject(item, kind), kind, out);
      noteVersion(item, out.versions);
    }
    out.resourceVersion = text(path(page, 'metadata', 'resourceVersion'));
    next = text(path(page, 'metadata', 'continue'));
    if (options.firstPageOnly === true) return { ...out, isWhole: next === '' };
  } while (next !== '');
  return out;
}

/** Notes which version of an object was read. */
function noteVersion(item: unknown, versions: Map<string, string>): void {
  const metadata = field(item, 'metadata');
  versions.set(nameOf(metadata), text(field(metadata, 'resourceVersion')));
}

/** Calls `visit` with name and version of every object of a kind: a small part of the work of reading the objects. */
export async function eachVersion(
  transport: KubeTransport,
  kind: ServedKind,
  options: Pick<ListOptions, 'signal' | 'pageSize'>,
  visit: VisitVersion,
): Promise<void> {
  const what = kind.watched.resource;
  let next = '';
  do {
    const query = new URLSearchParams({ limit: String(options.pageSize) });
    if (next !== '') query.set('continue', next);
    const request = { signal: options.signal, what, accept: METADATA_ONLY };
    next = readMetadataPage(await transport.get(`${kind.path}?${query.toString()}`, request), what, visit);
  } while (next !== '');
}

/** Adds what was read of one object to a list. */
export function collect(
  { fact, diagnostics }: NormaliseResult,
  kind: ServedKind,
  out: { readonly facts: Fact[]; readonly problems: ClusterProblem[] },
): void {
  if (fact !== null) {
    out.facts.push(fact);
    return;
  }
  for (const { code, message, pointer } of diagnostics) {
    out.problems.push({ code, message, object: kind.id, ...(pointer ? { pointer } : {}) });
  }
}

/** Normalises one object of a list or watch. Items of a list come without kind and version. */
export function readObject(item: unknown, kind: ServedKind): NormaliseResult {
  const { group } = kind.watched;
  const apiVersion = group === '' ? kind.version : `${group}/${kind.version}`;
  if (typeof item !== 'object' || item === null) return normaliseObject(item);
  return normaliseObject(Object.assign(item, { apiVersion, kind: kind.watched.kind }));
}
