import { and, labelsEqual, NONE, objectLabel, or } from '../../model/index.js';
import type { EndpointKind, PeerSet, Selector, ServiceFact } from '../../model/index.js';
import { field, list, pointer, text } from '../../base/index.js';
import { cidrForm } from '../../net/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import { blockSelector, CLUSTER_KEY, podPeer, readCidr } from '../shared/index.js';
import type { CiliumContext } from './cilium.context.js';
import type { LabelTests, RawBlock, RawPeers, RawService } from './cilium.raw.js';
import { compileEntities, OTHER_CLUSTERS } from './entities.compile.js';
import { compileNodeTests, compileTests, otherNodes, peerScope, testsHold } from './label-tests.compile.js';
import { hostNamePattern } from './name-pattern.js';

const GROUPS: Selector = and(
  { type: 'kind', kinds: ['external'] },
  { type: 'unknown', why: 'the operator resolves cloud groups to addresses that no object shows' },
);

/** Where pods of clusters that are meshed have their addresses: routers of the internet know none of these. */
const PRIVATE: Selector = or(
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map((cidr): Selector => ({
    type: 'cidr',
    cidr,
    except: [],
  })),
);

/** The peers of a rule as selectors. */
export function compilePeers(peers: RawPeers, context: CiliumContext): PeerSet {
  switch (peers.type) {
    case 'any':
    case 'none':
      return { type: peers.type };
    case 'endpoints':
      return of(
        peers.selectors.flatMap((tests) => [
          compileTests(tests, peerScope(tests, context), podKinds(context), context),
          podsElsewhere(tests, context),
        ]),
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

/** Whom the tests may mean in other clusters of the mesh, which are addresses here. (CNP-87) */
function podsElsewhere(tests: LabelTests, { options, identities }: CiliumContext): Selector {
  if (!options.meshed || tests.some(({ source }) => source === 'reserved')) return NONE;
  const ofClusters = tests.filter(({ source, key }) => key === CLUSTER_KEY && source !== 'node');
  if (ofClusters.length === 0 && options.localPeers) return NONE;
  const mayBe = ofClusters.every(({ op, values }) => {
    if (op === 'in') return values.some((name) => name !== identities.clusterName);
    return op !== 'notExists';
  });
  return mayBe ? and(PRIVATE, OTHER_CLUSTERS) : NONE;
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
