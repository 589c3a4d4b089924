import type { Fact } from '#engine';
import { bareMaps, factFromText, isRecord } from './fact-json.js';

/** Parts that are equal in many facts of a cluster: replicas differ in little but name, address and times. */
const ALIKE = ['node', 'hostIps', 'shape', 'template'];
const ALIKE_IN_META = ['namespace', 'labels', 'annotations', 'owner', 'createdAt'];
const ALIKE_IN_SHAPES = ['labels', 'annotations', 'serviceAccount', 'ports', 'containers'];
/** Those that are left when the long ones are in place. */
const SHORT = ['node', 'hostIps'];
const SHORT_IN_META = ['namespace', 'createdAt'];

/**
 * Where the long ones stand in a stored fact. No text of a cluster can look like it: inside of a string a quote has a backslash
 * before it, and in a map of strings no brace stands before a comma.
 */
const LABELS = ',"labels":{';
const ANNOTATIONS = '},"annotations":{';
const OWNER = '},"owner":';
const CREATED_AT = ',"createdAt":"';
const SHAPE = ',"shape":{';
const NODE = '},"node":"';
/** Stand in their place while the rest is read. */
const META_LEFT_OUT = ',"labels":0,"annotations":0,"owner":0';
const SHAPE_LEFT_OUT = ',"shape":0,"node":"';

type Holder = Record<string, unknown>;

/** Called with a part of which there is an equal one already. */
type FoundPart = (holder: Holder, field: string, kept: unknown) => void;

/** Keeps one of the parts that are equal in many facts: they are most of what facts take in memory. */
export class EqualParts {
  /** By their JSON, which is the same text as they are stored by. */
  private readonly kept = new Map<string, unknown>();
  private readonly words = new Map<string, string>();
  /** Shapes by the text before their labels. */
  private readonly begun = new Map<string, { readonly shape: Holder; readonly blank: string }>();

  /** A stored fact as `factFromText` gives it, with the parts of those before it where they are equal; these are not parsed again. */
  read(text: string): Fact {
    return this.readKnown(text) ?? this.unite(factFromText(text));
  }

  /** Gives `fact` the parts of those before it where they are equal, in place. */
  unite<F extends Fact>(fact: F): F {
    this.eachField(fact.meta, ALIKE_IN_META, replace);
    this.eachField(fact, ALIKE, replace);
    return fact;
  }

  /** Takes the parts of a fact that stays as it is. */
  learn(fact: Fact): void {
    this.eachField(fact.meta, ALIKE_IN_META, leave);
    this.eachField(fact, ALIKE, leave);
  }

  /** Null where a fact is not written as the engine has it. */
  private readKnown(text: string): Fact | null {
    const labels = text.indexOf(LABELS);
    const annotations = text.indexOf(ANNOTATIONS, labels);
    const owner = text.indexOf(OWNER, annotations);
    const createdAt = text.indexOf(CREATED_AT, owner);
    if (labels < 0 || annotations < 0 || owner < 0 || createdAt < 0) return null;
    const shape = text.indexOf(SHAPE, createdAt);
    const node = shape < 0 ? -1 : text.indexOf(NODE, shape);
    try {
      const fact = factFromText(
        text.slice(0, labels) +
          META_LEFT_OUT +
          (node < 0
            ? text.slice(createdAt)
            : text.slice(createdAt, shape) + SHAPE_LEFT_OUT + text.slice(node + NODE.length)),
      );
      const holder = fact as unknown as Holder;
      const meta = fact.meta as unknown as Holder;
      if (meta['labels'] !== 0 || meta['annotations'] !== 0 || meta['owner'] !== 0) return null;
      if (node >= 0 && holder['shape'] !== 0) return null;
      meta['labels'] = this.map(text.slice(labels + LABELS.length - 1, annotations + 1));
      meta['annotations'] = this.map(text.slice(annotations + ANNOTATIONS.length - 1, owner + 1));
      meta['owner'] = this.owner(text.slice(owner + OWNER.length, createdAt));
      if (node >= 0) holder['shape'] = this.shape(text.slice(shape + SHAPE.length - 1, node + 1));
      this.eachField(meta, SHORT_IN_META, replace);
      this.eachField(holder, node < 0 ? ALIKE : SHORT, replace);
      return fact;
    } catch {
      // What was cut out of it is no JSON.
      return null;
    }
  }

  private owner(text: string): unknown {
    const known = this.kept.get(text);
    return known === undefined ? this.keep(text, JSON.parse(text)) : known;
  }

  private map(text: string): unknown {
    return this.kept.get(text) ?? this.keep(text, Object.setPrototypeOf(JSON.parse(text), null));
  }

  private shape(text: string): unknown {
    return this.kept.get(text) ?? this.keep(text, this.newShape(text));
  }

  /** Shapes that differ in labels and annotations alone have all else in common. */
  private newShape(text: string): unknown {
    const labels = text.indexOf(LABELS);
    const annotations = text.indexOf(ANNOTATIONS, labels);
    const begin = text.slice(0, Math.max(0, labels));
    const alike = this.begun.get(begin);
    if (alike === undefined || annotations < 0) {
      const shape = JSON.parse(text) as Holder;
      bareMaps({ shape });
      this.eachField(shape, ALIKE_IN_SHAPES, replace);
      this.begun.set(begin, { shape, blank: JSON.stringify(shape, (key, value: unknown) => (key === '' ? value : 0)) });
      return shape;
    }
    // Parsed, so that V8 has one hidden class for these and those.
    const shape = JSON.parse(alike.blank) as Holder;
    for (const field of Object.keys(shape)) shape[field] = alike.shape[field];
    shape['labels'] = this.map(text.slice(labels + LABELS.length - 1, annotations + 1));
    shape['annotations'] = this.map(text.slice(annotations + ANNOTATIONS.length - 1, -1));
    return shape;
  }

  private keep(text: string, value: unknown): unknown {
    this.kept.set(text, value);
    return value;
  }

  private eachField(holder: object, fields: readonly string[], found: FoundPart): void {
    const values = holder as Holder;
    for (const field of fields) {
      const value = values[field];
      if (value === undefined) continue;
      if (typeof value === 'string') {
        const kept = this.words.get(value);
        if (kept === undefined) this.words.set(value, value);
        else found(values, field, kept);
        continue;
      }
      const text = JSON.stringify(value);
      if (this.kept.has(text)) {
        found(values, field, this.kept.get(text));
        continue;
      }
      this.kept.set(text, value);
      if (fields === ALIKE && isRecord(value)) this.eachField(value, ALIKE_IN_SHAPES, found);
    }
  }
}

const replace: FoundPart = (holder, field, kept) => (holder[field] = kept);
const leave: FoundPart = () => undefined;
