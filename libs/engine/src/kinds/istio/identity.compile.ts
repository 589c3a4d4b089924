import { oncePer } from '../../base/index.js';
import { ALL, and, NONE, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { controlPlanes } from './control-planes.js';
import { DEFAULT_TRUST_DOMAIN, readMeshConfig } from './mesh-config.js';
import type { MeshConfig } from './mesh-config.js';
import type { Proxy, RuleContext } from './rule-context.js';
import { inNamespace } from './targets.compile.js';
import { literally, passes, textTest } from './text-match.js';
import { machineEntries } from './workload-entries.js';

const account = (namespace: string, name: string): Selector =>
  and(inNamespace(namespace), { type: 'serviceAccount', names: [name] });

const WHOLE = /^([^/*]+)\/ns\/([^/*]+)\/(?:sa\/([^/*]+)|(?:sa\/)?\*)$/;

/** `trust-domain/ns/namespace/sa/account`, with a wildcard at either end (IM-15). */
export function principal(value: string, { env, proxy, problems, differs }: RuleContext): Selector {
  if (value === '*') return ALL;
  const config = readMeshConfig(env);
  // What a wildcard has in place of the domain holds in any.
  if (!config.known && !value.startsWith('*/')) noteAssumedDomain(problems);
  const forms = proxy === 'sidecar' ? inDomainsOfMesh(value, config) : [value];
  if (forms.join() !== value || (!config.known && isReadInWhole(value))) differs();
  // Whose trust domain a client has its own control plane says.
  return or(
    ...controlPlanes(env).flatMap((plane) =>
      forms.map((form) => and(identity(form, readMeshConfig(plane.env), env, proxy), plane.members)),
    ),
  );
}

/** The accounts whose identity, which always has the mesh's own trust domain, passes. */
function identity(form: string, { trustDomain, known }: MeshConfig, env: CompileEnv, proxy: Proxy): Selector {
  const [, domain, namespace = '', name] = WHOLE.exec(form) ?? [];
  if (domain !== undefined) {
    const who = name === undefined ? inNamespace(namespace) : account(namespace, name);
    if (domain === trustDomain) return who;
    return known ? NONE : and(who, UNKNOWN_DOMAIN);
  }
  const test = textTest(form);
  const isOwn = (tail: string): boolean => passes(test, `${trustDomain}/${tail}`);
  const own = accountsThat(env, isOwn);
  if (known) return own;
  return or(
    own,
    and(
      accountsThat(env, (tail) => !isOwn(tail) && passesInSomeDomain(form, tail, proxy)),
      UNKNOWN_DOMAIN,
    ),
  );
}

/** Said once of a policy. */
function noteAssumedDomain(problems: ProblemList): void {
  const code = 'istio.trust_domain';
  if (problems.diagnostics.some((one) => one.code === code)) return;
  const message = `the mesh's trust domain is not in the inventory; it is taken for \`${DEFAULT_TRUST_DOMAIN}\``;
  problems.note(code, '/spec/rules', message);
}

const UNKNOWN_DOMAIN: Selector = { type: 'unknown', why: "the mesh's trust domain is not in the inventory" };

/** Whether there is a trust domain in which the rest of an identity passes. */
function passesInSomeDomain(form: string, tail: string, proxy: Proxy): boolean {
  if (form.startsWith('*')) return form.endsWith(`/${tail}`);
  const slash = form.indexOf('/');
  if (slash < 0) return form.endsWith('*');
  // An asterisk at the end of the domain is read in whole identities at a sidecar, and is one as it stands elsewhere.
  if (isReadInWhole(form) ? proxy !== 'sidecar' : form.slice(0, slash).includes('*')) return false;
  return passes(textTest(form.slice(slash + 1)), tail);
}

const isWhole = (form: string): boolean => form.split('/').length === 5;

/** Whether a sidecar alone looks for wildcards inside the domain. */
const isReadInWhole = (form: string): boolean => form.slice(0, form.indexOf('/')).includes('*') && isWhole(form);

/**
 * What a sidecar makes of a principal: one that names the mesh's trust domain, an alias of it or `cluster.local` means
 * all of them. Only whole identities are seen to name one. (istio: pilot/pkg/security/trustdomain)
 */
function inDomainsOfMesh(value: string, { trustDomain, trustDomainAliases }: MeshConfig): readonly string[] {
  const [domain = '', ...rest] = value.split('/');
  const all = [trustDomain, ...trustDomainAliases];
  if (rest.length !== 4 || domain === '*') return [value];
  if (domain !== DEFAULT_TRUST_DOMAIN && !all.some((one) => covers(one, domain) || covers(domain, one))) return [value];
  return all.map((one) => (domain.startsWith('*') && covers(domain, one) ? value : [one, ...rest].join('/')));
}

const covers = (pattern: string, domain: string): boolean => passes(textTest(pattern), domain);

/** Clients whose trust domain passes; each of them has that of the mesh (IM-40). */
export function inTrustDomain(value: string, { env, problems }: RuleContext): Selector {
  const { trustDomain, trustDomainAliases, known } = readMeshConfig(env);
  if (!known && value !== '*') noteAssumedDomain(problems);
  const all = [trustDomain, ...trustDomainAliases];
  const forms = all.includes(value) ? all : [value];
  return or(
    ...controlPlanes(env).map((plane) => {
      const own = readMeshConfig(plane.env);
      if (forms.some((form) => passes(textTest(form), own.trustDomain))) return plane.members;
      return own.known ? NONE : and(plane.members, UNKNOWN_DOMAIN);
    }),
  );
}

/** The service accounts that pods run under and whose `ns/namespace/sa/account` passes. */
function accountsThat(env: CompileEnv, pass: (tail: string) => boolean): Selector {
  const found = accounts(env).filter(([namespace, name]) => pass(`ns/${namespace}/sa/${name}`));
  return or(...found.map(([namespace, name]) => account(namespace, name)));
}

/** Namespaces and names of the service accounts that pods and machines run under. */
const accounts = oncePer((env: CompileEnv): readonly (readonly [string, string])[] => {
  const found = new Map<string, readonly [string, string]>();
  for (const { meta, shape } of env.pods) {
    found.set(`${meta.namespace}/${shape.serviceAccount}`, [meta.namespace, shape.serviceAccount]);
  }
  for (const { meta, template } of env.workloads) {
    found.set(`${meta.namespace}/${template.serviceAccount}`, [meta.namespace, template.serviceAccount]);
  }
  for (const { namespace, serviceAccount } of machineEntries(env)) {
    if (serviceAccount !== '') found.set(`${namespace}/${serviceAccount}`, [namespace, serviceAccount]);
  }
  return [...found.values()].sort((a, b) => (a.join('/') < b.join('/') ? -1 : 1));
});

/** A namespace by name, with a wildcard at either end; a sidecar takes wildcards anywhere (IM-16). */
export function namespaceIdentity(value: string, { env, proxy, differs }: RuleContext): Selector {
  const { op, value: part } = textTest(value);
  const key = 'kubernetes.io/metadata.name';
  const asPattern = part.includes('*') || (op === 'suffix' && '/sa'.endsWith(part));
  if (asPattern) differs();
  if (proxy === 'sidecar' && asPattern) {
    // It looks for `/ns/value/` anywhere in the identity, so that a wildcard may also stand for what follows the name.
    const pattern = new RegExp(`^ns/${value.split('*').map(literally).join('.*')}/`);
    return accountsThat(env, (tail) => pattern.test(tail));
  }
  switch (op) {
    case 'present':
      return ALL;
    case 'prefix':
      return { type: 'label', owner: 'namespace', key, op: 'startsWith', values: [part] };
    case 'suffix':
      return { type: 'label', owner: 'namespace', key, op: 'endsWith', values: [part] };
    default:
      return inNamespace(part);
  }
}

/** `namespace/account`, or an account of the policy's own namespace (IM-16). */
export function serviceAccountIdentity(value: string, own: string): Selector {
  const slash = value.indexOf('/');
  return slash < 0 ? account(own, value) : account(value.slice(0, slash), value.slice(slash + 1));
}
