import { and, not, or } from '../../model/index.js';
import type { BeforeTranslation, Selector } from '../../model/index.js';
import { anyBlock, podPeer } from '../shared/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawEntity } from './calico.raw.js';
import type { HostEndpoint } from './host-endpoint.parse.js';
import { both } from './selector.ast.js';
import type { CalicoSelector } from './selector.ast.js';
import { podTest } from './selector.compile.js';
import { inNamespace, overNamespaces, serviceAccountScope } from './selector.scope.js';
import { selects } from './selector.static.js';

/**
 * Whom one side of a rule names, but for its ports and service; null when it says nothing of them. `namespace` is that
 * of the policy, '' for cluster-wide ones. (CAL-23 to CAL-29)
 */
export function entitySelector(entity: RawEntity, namespace: string, context: CalicoContext): Selector | null {
  const tests: Selector[] = [];
  const { chosen, excluded } = selectorsOf(entity, namespace);
  if (chosen !== null) tests.push(whoeverMatches(chosen, context));
  if (excluded !== null) tests.push(not(whoeverMatches(excluded, context)));
  const { semantics } = context.env;
  const blocks = addressBlocks(entity);
  if (blocks.length > 0) tests.push(anyBlock(blocks, semantics));
  if (entity.notNets.length > 0) tests.push(not(anyBlock(entity.notNets, semantics)));
  return tests.length === 0 ? null : and(...tests);
}

/** Blocks of which one must have the address, [] for any: `notNets` alone leave the other addresses of their family. (CAL-29) */
export function addressBlocks({ nets, notNets }: Pick<RawEntity, 'nets' | 'notNets'>): readonly string[] {
  if (nets.length > 0 || notNets.length === 0) return nets;
  return [...new Set(notNets.map((net) => (net.includes(':') ? '::/0' : '0.0.0.0/0')))];
}

/**
 * What one side of a cluster-wide policy's rule asks of an address that no workload has, as that of a Service: selectors
 * find it in network sets and at host endpoints. What the endpoints of a Service are is not asked. (CAL-65)
 */
export function addressesAsked(
  entity: RawEntity,
  context: CalicoContext,
): Pick<BeforeTranslation, 'within' | 'without'> {
  const { notNets, service } = entity;
  const { nodes } = context.env.semantics.cidrMatches;
  const { chosen, excluded } = selectorsOf(entity, '');
  if (service !== null || (!nodes && (chosen ?? excluded) !== null)) return { within: null, without: notNets };
  const blocks = addressBlocks(entity);
  return {
    within: [...(blocks.length > 0 ? [blocks] : []), ...(chosen === null ? [] : [addressesMatching(chosen, context)])],
    without: excluded === null ? notNets : [...notNets, ...addressesMatching(excluded, context)],
  };
}

/** Addresses of network sets with such labels, and those that host endpoints with such labels expect. */
function addressesMatching(selector: CalicoSelector, context: CalicoContext): readonly string[] {
  const { semantics } = context.env;
  const expected = semantics.cidrMatches.nodes
    ? hostsMatching(selector, context).flatMap((host) => host.expectedIps)
    : [];
  const sets = context.networkSets.filter((set) => selects(selector, set.labels));
  return [...new Set([...expected, ...sets.flatMap((set) => set.nets)])].sort();
}

/** Felix makes one set of a side's selectors, the negated one too, unless that stands alone. (CAL-74) */
function selectorsOf(
  entity: RawEntity,
  namespace: string,
): { readonly chosen: CalicoSelector | null; readonly excluded: CalicoSelector | null } {
  const { notSelector } = entity;
  const positive = positiveSelector(entity, namespace);
  if (positive === null || notSelector === null) return { chosen: positive, excluded: notSelector };
  return { chosen: both(positive, { type: 'not', of: notSelector }), excluded: null };
}

/** Whether a side excludes whom `notSelector` names from everybody. (CAL-74) */
export function excludesBySelector(entity: RawEntity, namespace: string): boolean {
  return selectorsOf(entity, namespace).excluded !== null;
}

/**
 * The side's selectors as one expression. Any of them, the negated one too, keeps a namespaced policy to its own
 * namespace or to those that the namespace selector names.
 */
function positiveSelector(entity: RawEntity, namespace: string): CalicoSelector | null {
  const { selector, namespaceSelector, notSelector, serviceAccounts } = entity;
  const accounts =
    serviceAccounts === null ? null : serviceAccountScope(serviceAccounts.names, serviceAccounts.selector);
  const given = [accounts, selector].filter((member) => member !== null);
  if (namespaceSelector !== null) return both(overNamespaces(namespaceSelector), ...given);
  if (namespace !== '' && (given.length > 0 || notSelector !== null)) return both(inNamespace(namespace), ...given);
  return given.length === 0 ? null : both(...given);
}

/** The host endpoints that one side of a rule names by its selectors. */
export function hostEndpointsOf(entity: RawEntity, namespace: string, context: CalicoContext): readonly HostEndpoint[] {
  const selector = positiveSelector(entity, namespace);
  return selector === null ? context.hosts.all : hostsMatching(selector, context);
}

function hostsMatching(selector: CalicoSelector, context: CalicoContext): readonly HostEndpoint[] {
  return context.hosts.all.filter((host) => selects(selector, hostLabels(host, context)));
}

/**
 * Pods, host endpoints by the addresses they expect, and network sets alike: a selector is matched by address. Readers
 * for whom no node has an address take host endpoints by their labels. (CAL-28)
 */
function whoeverMatches(selector: CalicoSelector, context: CalicoContext): Selector {
  const { semantics } = context.env;
  const hosts = semantics.cidrMatches.nodes ? [] : hostsMatching(selector, context);
  return or(
    podPeer(semantics, podTest(selector, context)),
    ...hosts.map((host) => context.hosts.ownTraffic(host)),
    anyBlock(addressesMatching(selector, context), semantics),
  );
}

/** A host endpoint's own labels and those of the profiles that it names, of which the first counts. (CAL-47) */
export function hostLabels(
  host: { readonly labels: Readonly<Record<string, string>>; readonly profiles: readonly string[] },
  context: CalicoContext,
): Readonly<Record<string, string>> {
  const inherited = host.profiles.map((name) => context.profiles.get(name)?.labels ?? {}).reverse();
  return Object.assign(Object.create(null) as Record<string, string>, ...inherited, host.labels) as Record<
    string,
    string
  >;
}
