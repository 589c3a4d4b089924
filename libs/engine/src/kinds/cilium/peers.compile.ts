import { and, labelsEqual, objectLabel, or } from '../../model/index.js';
import type { EndpointKind, PeerSet, Selector, ServiceFact } from '../../model/index.js';
import { field, list, pointer, text } from '../../base/index.js';
import { cidrForm } from '../../net/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import { blockSelector, podPeer, readCidr } from '../shared/index.js';
import type { CiliumContext } from './cilium.context.js';
import type { RawBlock, RawPeers, RawService } from './cilium.raw.js';
import { compileEntities } from './entities.compile.js';
import { compileNodeTests, compileTests, otherNodes, peerScope, testsHold } from './label-tests.compile.js';
import { hostNamePattern } from './name-pattern.js';

const GROUPS: Selector = and(
  { type: 'kind', kinds: ['external'] },
  { type: 'unknown', why: 'the operator resolves cloud groups to addresses that no object shows' },
);

/** The peers of a rule as selectors. */
export function compilePeers(peers: RawPeers, context: CiliumContext): PeerSet {
  switch (peers.type) {
    case 'any':
    case 'none':
      return { type: peers.type };
    case 'endpoints':
      return of(
        peers.selectors.map((tests) => compileTests(tests, peerScope(tests, context), podKinds(context), context)),
      );
    case 'entities':
      return of([compileEntities(peers.names, context)]);
    case 'blocks':
      return of(peers.blocks.flatMap((block) => compileBlock(block, context)));
    case 'nodes':
      return of(peers.selectors.map((tests) => otherNodes(compileNodeTests(tests))));
    case 'services':
      return compileServices(peers, context);
    case 'names':
      return of(peers.patterns.map((name): Selector => ({ type: 'hostName', pattern: hostNamePattern(name) })));
    case 'groups':
      return of([GROUPS]);
  }
}

function of(selectors: readonly Selector[]): PeerSet {
  const members = selectors.filter((selector) => selector.type !== 'none');
  if (members.length === 0) return { type: 'none' };
  return members.some((selector) => selector.type === 'all') ? { type: 'any' } : { type: 'of', selectors: members };
}

/** Endpoint kinds that carry pod labels as peers. */
export function podKinds(context: CiliumContext): readonly EndpointKind[] {
  const peer = podPeer(context.env.semantics);
  return peer.type === 'kind' ? peer.kinds : ['pod'];
}

function compileBlock(block: RawBlock, context: CiliumContext): Selector[] {
  const { semantics } = context.env;
  if (block.type === 'cidr') return [blockSelector(block.cidr, block.except, semantics)];
  const groups = context.env
    .aux('CiliumCIDRGroup.cilium.io')
    .filter((group) =>
      block.type === 'group' ? group.meta.name === block.name : testsHold(block.tests, group.meta.labels),
    );
  if (groups.length === 0) {
    const what =
      block.type === 'group' ? `CiliumCIDRGroup \`${block.name}\` does not exist` : 'selects no CiliumCIDRGroup';
    context.problems.suspect('cilium.cidr_group_missing', block.at, `${what}, so it matches nothing`);
  }
  return groups.flatMap((group) =>
    list(field(field(group.raw, 'spec'), 'externalCIDRs')).flatMap((entry, index) => {
      // The group's own faults are told of the group; they cost the policy that one block only.
      const found = new ProblemList(group.meta);
      const cidr = readCidr(entry, pointer('/spec/externalCIDRs', index), found);
      for (const problem of found.diagnostics)
        context.problems.suspect(problem.code, block.at, `${group.meta.name}: ${problem.message}`);
      if (cidr === null || cidrForm(text(entry)).mapped) return [];
      return [blockSelector(cidr, block.except, semantics)];
    }),
  );
}

/** Services without pods and addresses leave the rule without peers, so that its ports are for any. (CNP-84) */
function compileServices(peers: Extract<RawPeers, { type: 'services' }>, context: CiliumContext): PeerSet {
  const found = of(peers.services.flatMap((service) => compileService(service, context)));
  if (found.type !== 'none' || peers.otherwise === 'none') return found;
  const why = 'leads nowhere, and the agent takes the ports beside it for those of any peer';
  context.problems.suspect('cilium.services_anybody', peers.at, why);
  return { type: 'any' };
}

function compileService(wanted: RawService, context: CiliumContext): Selector[] {
  const services = [...context.env.services.values()].filter((service) => isWanted(service, wanted));
  if (services.length === 0) {
    context.problems.suspect('cilium.service_missing', wanted.at, 'matches no Service, so it matches nothing');
  }
  return services.map((service) => serviceBackends(service, context));
}

function isWanted({ meta }: ServiceFact, wanted: RawService): boolean {
  if (wanted.namespace !== '' && wanted.namespace !== meta.namespace) return false;
  return wanted.type === 'name' ? meta.name === wanted.name : testsHold(wanted.tests, meta.labels);
}

/** A Service with a selector stands for its pods, one without for its endpoints' addresses, which are never pods. */
function serviceBackends(service: ServiceFact, context: CiliumContext): Selector {
  const { semantics, slices } = context.env;
  const { namespace } = service.meta;
  if (service.selector !== null && Object.keys(service.selector).length > 0) {
    return podPeer(semantics, { type: 'namespace', names: [namespace] }, labelsEqual('pod', service.selector));
  }
  const addresses = (slices.get(objectLabel(service.meta)) ?? []).flatMap((slice) =>
    slice.addressType === 'FQDN' ? [] : slice.endpoints.flatMap((endpoint) => endpoint.addresses),
  );
  return or(
    ...addresses.map((address) => {
      const problems = new ProblemList(null);
      const cidr = readCidr(`${address}/${text(address).includes(':') ? 128 : 32}`, '', problems);
      return cidr === null ? or() : blockSelector(cidr, [], semantics);
    }),
  );
}
