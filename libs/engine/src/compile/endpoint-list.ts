import { isNoPod } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { firstThat } from './first-that.js';

/** The endpoints of one namespace. */
export interface NamespaceEndpoints {
  readonly pods: readonly Endpoint[];
  readonly templates: readonly Endpoint[];
}

/** Namespaces that may differ from the array before another array is made. */
const MOST_EDITS = 256;
/** Part of the array that may be replaced before another one is made: what is replaced is kept needlessly until then. */
const MOST_REPLACED = 1 / 8;

/**
 * All endpoints of a snapshot: pods in order of namespace and name, then templates in order of namespace, then hosts. It
 * is changed by making another one, at the cost of the change: the array is shared, and put together with the changes
 * when somebody asks for all of it.
 */
export class EndpointList {
  #base: Base;
  /** What is not in the array yet. */
  #edits: ReadonlyMap<string, NamespaceEndpoints>;

  private constructor(base: Base, edits: ReadonlyMap<string, NamespaceEndpoints>) {
    this.#base = base;
    this.#edits = edits;
  }

  static of(all: readonly Endpoint[]): EndpointList {
    return new EndpointList(new Base(all), new Map());
  }

  toArray(): readonly Endpoint[] {
    if (this.#edits.size > 0) {
      this.#base = new Base(edited(this.#base.all, this.#edits));
      this.#edits = new Map();
    }
    return this.#base.all;
  }

  /** The pod of a name, found without the array being put together. */
  pod(namespace: string, name: string): Endpoint | null {
    const now = this.#edits.get(namespace);
    if (now !== undefined) return podAmong(now.pods, name, 0, now.pods.length);
    const [from, to] = this.#base.podsOf(namespace);
    return podAmong(this.#base.all, name, from, to);
  }

  /** Those of one namespace. */
  of(namespace: string): NamespaceEndpoints {
    return this.#edits.get(namespace) ?? this.#base.of(namespace);
  }

  get #replaced(): number {
    let count = 0;
    for (const { pods, templates } of this.#edits.values()) count += pods.length + templates.length;
    return count;
  }

  /** The list with others for some namespaces. */
  with(changed: ReadonlyMap<string, NamespaceEndpoints>): EndpointList {
    const edits = new Map<string, NamespaceEndpoints>();
    for (const each of [this.#edits, changed]) each.forEach((now, namespace) => edits.set(namespace, now));
    const list = new EndpointList(this.#base, edits);
    if (list.#edits.size > MOST_EDITS || list.#replaced > MOST_REPLACED * this.#base.all.length) list.toArray();
    return list;
  }
}

/** An array that lists share, and where pods of namespaces that were asked about stand in it. */
class Base {
  readonly all: readonly Endpoint[];
  readonly #pods = new Map<string, readonly [number, number]>();

  constructor(all: readonly Endpoint[]) {
    this.all = all;
  }

  podsOf(namespace: string): readonly [number, number] {
    let known = this.#pods.get(namespace);
    if (known === undefined) {
      known = this.#stretch(namespace, isNoPod, 0);
      // Whoever asks for what is not there leaves nothing behind.
      if (known[0] < known[1]) this.#pods.set(namespace, known);
    }
    return known;
  }

  of(namespace: string): NamespaceEndpoints {
    const [from, to] = this.podsOf(namespace);
    const firstTemplate = firstThat(this.all, isNoPod, to);
    const templates = this.#stretch(namespace, ({ kind }) => kind === 'node', firstTemplate);
    return { pods: this.all.slice(from, to), templates: this.all.slice(...templates) };
  }

  /** Where a namespace stands among the endpoints from one on, up to those that are beyond. */
  #stretch(namespace: string, isBeyond: (endpoint: Endpoint) => boolean, start: number): readonly [number, number] {
    const from = firstThat(this.all, (each) => isBeyond(each) || each.namespace >= namespace, start);
    return [from, firstThat(this.all, (each) => isBeyond(each) || each.namespace > namespace, from)];
  }
}

function podAmong(endpoints: readonly Endpoint[], name: string, from: number, to: number): Endpoint | null {
  const at = firstThat(endpoints, (endpoint) => endpoint.name >= name, from, to);
  const found = at < to ? endpoints[at] : undefined;
  return found?.name === name ? found : null;
}

function edited(below: readonly Endpoint[], edits: ReadonlyMap<string, NamespaceEndpoints>): readonly Endpoint[] {
  const inOrder = [...edits].sort(([a], [b]) => (a < b ? -1 : 1));
  const firstTemplate = firstThat(below, isNoPod);
  const firstHost = firstThat(below, ({ kind }) => kind === 'node', firstTemplate);
  const parts: (readonly Endpoint[])[] = [];
  const copy = (from: number, to: number, nowOf: (now: NamespaceEndpoints) => readonly Endpoint[]): void => {
    let at = from;
    for (const [namespace, now] of inOrder) {
      const start = firstThat(below, (endpoint) => endpoint.namespace >= namespace, at, to);
      parts.push(below.slice(at, start), nowOf(now));
      at = firstThat(below, (endpoint) => endpoint.namespace > namespace, start, to);
    }
    parts.push(below.slice(at, to));
  };
  copy(0, firstTemplate, ({ pods }) => pods);
  copy(firstTemplate, firstHost, ({ templates }) => templates);
  return ([] as Endpoint[]).concat(...parts, below.slice(firstHost));
}
