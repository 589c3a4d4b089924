import { and, NONE, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { readMeshConfig } from './mesh-config.js';
import { passes, textTest } from './text-match.js';

const account = (namespace: string, name: string): Selector =>
  and({ type: 'namespace', names: [namespace] }, { type: 'serviceAccount', names: [name] });

/**
 * `trust-domain/ns/namespace/sa/account`, with a wildcard at either end (IM-15). `identified` are the peers whose
 * identity the mesh proves; that of all others is empty (IM-14).
 */
export function principal(value: string, identified: Selector, env: CompileEnv): Selector {
  if (value === '*') return identified;
  const { trustDomains, known } = readMeshConfig(env);
  const whole = /^([^/*]+)\/ns\/([^/*]+)\/(?:sa\/([^/*]+)|(?:sa\/)?\*)$/.exec(value);
  if (whole !== null) {
    const [, domain = '', namespace = '', name] = whole;
    const tests: Selector[] = [
      name === undefined ? { type: 'namespace', names: [namespace] } : account(namespace, name),
    ];
    if (!trustDomains.includes(domain)) {
      if (known) return NONE;
      tests.push({ type: 'unknown', why: `whether \`${domain}\` is the mesh's trust domain is not in the inventory` });
    }
    return and(identified, ...tests);
  }
  const test = textTest(value);
  const fits = (namespace: string, name: string): boolean =>
    trustDomains.some((domain) => passes(test, `${domain}/ns/${namespace}/sa/${name}`));
  return and(
    identified,
    or(
      ...accounts(env)
        .filter(([ns, name]) => fits(ns, name))
        .map(([ns, name]) => account(ns, name)),
    ),
  );
}

const KNOWN = new WeakMap<CompileEnv, readonly (readonly [string, string])[]>();

/** Namespaces and names of the service accounts that pods run under. */
function accounts(env: CompileEnv): readonly (readonly [string, string])[] {
  let known = KNOWN.get(env);
  if (known === undefined) {
    const found = new Map<string, readonly [string, string]>();
    for (const { meta, shape } of env.pods) {
      found.set(`${meta.namespace}/${shape.serviceAccount}`, [meta.namespace, shape.serviceAccount]);
    }
    for (const { meta, template } of env.workloads) {
      found.set(`${meta.namespace}/${template.serviceAccount}`, [meta.namespace, template.serviceAccount]);
    }
    KNOWN.set(env, (known = [...found.values()].sort((a, b) => (a.join('/') < b.join('/') ? -1 : 1))));
  }
  return known;
}

/** A namespace by name, with a wildcard at either end (IM-16). */
export function namespaceIdentity(value: string, identified: Selector): Selector {
  const { op, value: part } = textTest(value);
  const key = 'kubernetes.io/metadata.name';
  switch (op) {
    case 'present':
      return identified;
    case 'prefix':
      return and(identified, { type: 'label', owner: 'namespace', key, op: 'startsWith', values: [part] });
    case 'suffix':
      return and(identified, { type: 'label', owner: 'namespace', key, op: 'endsWith', values: [part] });
    default:
      return and(identified, { type: 'namespace', names: [part] });
  }
}

/** `namespace/account`, or an account of the policy's own namespace (IM-16). */
export function serviceAccountIdentity(value: string, own: string, identified: Selector): Selector {
  const slash = value.indexOf('/');
  return and(identified, slash < 0 ? account(own, value) : account(value.slice(0, slash), value.slice(slash + 1)));
}
