import type { ClusterProblem } from '#contracts';
import { field, isObject, kindId, list, path, pointer as pointerTo, text } from '#engine';

import type { ManifestObject } from './manifest-set.js';
import type { ParsedDocument } from './parsed-document.js';

/** A list of lists is legal; nobody nests further than this. */
const MAX_LIST_DEPTH = 4;

export interface Expansion {
  readonly objects: ManifestObject[];
  readonly problems: ClusterProblem[];
}

/** Turns a document into the objects it holds: itself, or the items when it is a plain list or a `List` of any kind. */
export function expandDocument(document: ParsedDocument, file: string): Expansion {
  const out: Expansion = { objects: [], problems: [] };
  if (document.value !== null && document.value !== undefined) expand(document.value, '', 0);
  return out;

  function expand(value: unknown, pointer: string, depth: number): void {
    if (Array.isArray(value) && depth < MAX_LIST_DEPTH) {
      value.forEach((item, index) => expand(item, pointerTo(pointer, index), depth + 1));
      return;
    }
    if (!isObject(value)) {
      problem('manifest.not_an_object', `expected an object, found ${shapeOf(value)}`, pointer);
      return;
    }
    const items = listItems(value);
    if (items === null) single(value, pointer);
    else if (!Array.isArray(items))
      problem('manifest.list_items', '`items` is not a list', pointerTo(pointer, 'items'));
    else if (depth >= MAX_LIST_DEPTH) problem('manifest.too_deep', 'lists inside lists are nested too deeply', pointer);
    else items.forEach((item, index) => expand(withKind(item, value), pointerTo(pointer, 'items', index), depth + 1));
  }

  function single(value: Record<string, unknown> | object, pointer: string): void {
    const missing = ['apiVersion', 'kind'].filter((key) => text(field(value, key)) === '');
    if (missing.length > 0) {
      const names = missing.map((key) => `\`${key}\``).join(' and ');
      problem(
        'manifest.not_an_object',
        `not a Kubernetes object: ${names} missing or not text`,
        pointer,
        objectName(value),
      );
      return;
    }
    const left = notRendered(value);
    if (left !== null) problem('manifest.not_rendered', left, pointer, objectName(value));
    out.objects.push({
      raw: value,
      file,
      document: document.number,
      get line() {
        return document.lineOf(pointer);
      },
      pointer,
      lineOf: (inside) => document.lineOf(pointer + inside),
    });
  }

  function problem(code: string, message: string, pointer: string, object?: string): void {
    const line = document.lineOf(pointer);
    out.problems.push({
      code,
      message,
      file,
      document: document.number,
      line,
      ...(object ? { object } : {}),
      ...(pointer ? { pointer } : {}),
    });
  }
}

/** Fields by which a kustomization makes other objects of its resources; without them the files say all. */
const KUSTOMIZED = [
  'namespace',
  'namePrefix',
  'nameSuffix',
  'commonLabels',
  'labels',
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'replacements',
  'replicas',
  'helmCharts',
  'components',
];

/** Why the files do not say what would be applied; null when they do. */
function notRendered(value: object): string | null {
  const kind = rawKindId(value);
  if (kind === 'Template.template.openshift.io') {
    return 'a template is not filled in, render it first, as with `oc process`';
  }
  if (kind !== 'Kustomization.kustomize.config.k8s.io' && kind !== 'Component.kustomize.config.k8s.io') return null;
  const used = KUSTOMIZED.filter((key) => field(value, key) !== undefined).map((key) => `\`${key}\``);
  if (used.length === 0) return null;
  const changes = used.join(', ');
  return `a kustomization that changes objects (${changes}) is not applied, render it first, as with \`kubectl kustomize\``;
}

/** `Kind.group namespace/name` of a raw object, as far as it has them. */
export function objectName(raw: unknown): string {
  const name = text(path(raw, 'metadata', 'name')) || text(path(raw, 'metadata', 'generateName'));
  const namespace = text(path(raw, 'metadata', 'namespace'));
  const label = namespace === '' || name === '' ? name : `${namespace}/${name}`;
  return [rawKindId(raw), label].filter((part) => part !== '').join(' ');
}

/** The `kindId` of a raw object, from its `apiVersion` and `kind`. */
export function rawKindId(raw: unknown): string {
  const [group, version] = text(field(raw, 'apiVersion')).split('/');
  return kindId({ group: version === undefined ? '' : (group ?? ''), kind: text(field(raw, 'kind')).trim() });
}

/** The items when the object is a list; null when it is not. `List` without items is an empty list. */
function listItems(value: object): unknown {
  const kind = text(field(value, 'kind'));
  if (kind === 'List') return field(value, 'items') ?? [];
  // A kind may end in "List" by chance: only one with `items` at its top is a list.
  return kind.endsWith('List') && Object.hasOwn(value, 'items') ? (field(value, 'items') ?? []) : null;
}

/** The API leaves kind and version out of the items of a typed list, as `PodList`. */
function withKind(item: unknown, parent: object): unknown {
  const kind = text(field(parent, 'kind'));
  if (!isObject(item) || kind === 'List') return item;
  if (Object.hasOwn(item, 'kind') && Object.hasOwn(item, 'apiVersion')) return item;
  return { apiVersion: field(parent, 'apiVersion'), kind: kind.slice(0, -'List'.length), ...item };
}

function shapeOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${list(value).length}`;
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
