import { field, isObject, objectLabel } from '#engine';
import type { Direction, Json, JsonObject, ObjectRef } from '#engine';

import { DIRECTIONS, typeName, type PolicyView, type RuleView } from '../context/policy-view.js';
import type { Fix } from './fix.js';
import { toYaml } from './to-yaml.js';

/** Objects to create or replace. */
export function applyObjects(title: string, objects: readonly JsonObject[], note = ''): Fix {
  return { action: 'apply', title, objects, removes: [], manifest: toYaml(objects), note };
}

/** Work that no manifest does; `command` where one helps with it. */
export function operatorTask(title: string, note: string, command = ''): Fix {
  return { action: 'task', title, objects: [], removes: [], manifest: command, note };
}

/** A NetworkPolicy to take away. */
export function deletePolicy(ref: ObjectRef, note = ''): Fix {
  const manifest = `kubectl delete networkpolicy --namespace ${ref.namespace} ${ref.name}\n`;
  return { action: 'delete', title: `delete ${objectLabel(ref)}`, objects: [], removes: [ref], manifest, note };
}

/** A NetworkPolicy object. */
export function networkPolicy(namespace: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}

/** The policy with another specification. */
export function replaceSpec(policy: PolicyView, title: string, spec: JsonObject, note = ''): Fix {
  return applyObjects(title, [policyWith(policy, spec)], note);
}

/** The object of a policy with another specification. */
export function policyWith({ fact }: PolicyView, spec: JsonObject): JsonObject {
  const { labels, namespace, name } = fact.meta;
  const metadata = Object.keys(labels).length === 0 ? { name, namespace } : { name, namespace, labels: { ...labels } };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
}

/**
 * A copy of `value` with what stands at a JSON pointer replaced; `undefined` takes it out. The pointer starts below
 * `value`; a pointer that leads nowhere changes nothing.
 */
export function withValueAt(value: Json, at: string, replacement: Json | undefined): Json {
  const steps = at.split('/').slice(1);
  return set(
    value,
    steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')),
    replacement,
  );
}

function set(value: Json, steps: readonly string[], replacement: Json | undefined): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return replacement ?? null;
  if (Array.isArray(value)) return setItem(value as readonly Json[], Number(step), rest, replacement);
  if (!isObject(value)) return value;
  const next = rest.length === 0 ? replacement : set(value[step] ?? {}, rest, replacement);
  const entries = Object.entries(value).filter(([key]) => key !== step || next !== undefined);
  const known = Object.hasOwn(value, step);
  return Object.fromEntries([
    ...entries.map(([key, entry]) => [key, key === step ? next : entry] as const),
    ...(known || next === undefined ? [] : [[step, next] as const]),
  ]);
}

function setItem(items: readonly Json[], index: number, rest: readonly string[], replacement: Json | undefined): Json {
  if (rest.length === 0 && replacement === undefined) return items.filter((_, i) => i !== index);
  return items.map((item, i) =>
    i === index ? (rest.length === 0 ? (replacement ?? null) : set(item, rest, replacement)) : item,
  );
}

/** A specification of a policy with what stands at a pointer into the object (`/spec/…`) replaced. */
export function specWith({ spec }: Pick<PolicyView, 'spec'>, at: string, replacement: Json | undefined): JsonObject {
  return withValueAt(spec, at.replace(/^\/spec/, ''), replacement) as JsonObject;
}

/**
 * A specification of a policy with each of its rules as `rewrite` has it; `undefined` takes it out. The directions are
 * written out: without them, one that loses its last rule would not be closed any more.
 */
export function specOfRules(
  { spec, rules, directions }: PolicyView,
  rewrite: (rule: RuleView) => Json | undefined,
): JsonObject {
  const rulesOf = (wanted: Direction): readonly Json[] =>
    rules
      .filter(({ direction }) => direction === wanted)
      .map(rewrite)
      .filter((rule) => rule !== undefined);
  const listed = DIRECTIONS.filter((direction) => field(spec, direction) !== undefined);
  return {
    ...(spec as JsonObject),
    ...Object.fromEntries(listed.map((direction) => [direction, rulesOf(direction)])),
    policyTypes: [...directions].map(typeName),
  };
}
