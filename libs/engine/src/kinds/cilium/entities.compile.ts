import { ALL, and, NONE, not, or } from '../../model/index.js';
import type { EndpointKind, Selector } from '../../model/index.js';
import { blockOf, parseIp } from '../../net/index.js';
import type { CompileEnv } from '../frontend.js';
import { nodeAddresses, podPeer } from '../shared/index.js';
import type { CiliumContext } from './cilium.context.js';

/** Names that `fromEntities` and `toEntities` may hold. */
export const ENTITIES: readonly string[] = [
  'all',
  'world',
  'cluster',
  'cluster-mesh',
  'host',
  'remote-node',
  'kube-apiserver',
  'ingress',
  'init',
  'health',
  'unmanaged',
  'namespace',
  'none',
];

const kinds = (...names: readonly EndpointKind[]): Selector => ({ type: 'kind', kinds: names });
const NODES = kinds('node', 'hostpod');
const ON_SUBJECTS_NODE: Selector = { type: 'same', as: 'node' };

/** Members of a list of entities. `host` with `remote-node` is every node, whichever the subject runs on. */
export function compileEntities(names: readonly string[], context: CiliumContext): Selector {
  const rest = new Set(names);
  const members: Selector[] = [];
  if (rest.has('host') && rest.has('remote-node')) {
    rest.delete('host');
    rest.delete('remote-node');
    members.push(NODES, nodeAddresses(context.env.semantics));
  }
  return or(...members, ...[...rest].map((name) => compileEntity(name, context)));
}

/** Members of one entity, or of the reserved label of that name. */
export function compileEntity(name: string, context: CiliumContext): Selector {
  switch (name) {
    case 'all':
      return ALL;
    case 'world':
      return outside(context);
    case 'world-ipv4':
      return and(outside(context), { type: 'cidr', cidr: '0.0.0.0/0', except: [] });
    case 'world-ipv6':
      return and(outside(context), { type: 'cidr', cidr: '::/0', except: [] });
    case 'cluster':
      return or(
        kinds('pod', 'hostpod', 'node', 'special'),
        nodeAddresses(context.env.semantics),
        apiServer(context.env) ?? NONE,
      );
    case 'cluster-mesh':
      return or(compileEntity('cluster', context), context.options.meshed ? OTHER_CLUSTERS : NONE);
    case 'host':
      return or(and(NODES, ON_SUBJECTS_NODE), nodeAddresses(context.env.semantics));
    case 'remote-node':
      return and(NODES, not(ON_SUBJECTS_NODE));
    case 'kube-apiserver':
      return apiServer(context.env) ?? and(kinds('external', 'node', 'hostpod'), UNKNOWN_API_SERVER);
    case 'namespace':
      if (context.subjectIsNode) return NONE;
      return and(podPeer(context.env.semantics), { type: 'same', as: 'namespace' });
    case 'ingress':
    case 'init':
    case 'health':
    case 'unmanaged':
      return { type: 'special', names: [name] };
    default:
      return NONE;
  }
}

/** Every address that is no node's. */
const outside = ({ env }: CiliumContext): Selector => and(kinds('external'), not(nodeAddresses(env.semantics)));

/** Addresses that may be pods of another cluster of the mesh. */
export const OTHER_CLUSTERS: Selector = and(kinds('external'), {
  type: 'unknown',
  why: 'whether the address is a pod of another cluster of the mesh is not in the inventory',
});

const UNKNOWN_API_SERVER: Selector = {
  type: 'unknown',
  why: 'the EndpointSlices of Service `default/kubernetes`, which tell the addresses of the API server, are missing',
};

/** The addresses behind Service `default/kubernetes`; null when the inventory does not have them. */
function apiServer(env: CompileEnv): Selector | null {
  const slices = env.slices.get('default/kubernetes');
  if (slices === undefined) return null;
  const blocks = slices
    .flatMap((slice) => slice.endpoints.flatMap((endpoint) => endpoint.addresses))
    .flatMap(hostBlock);
  return and(kinds('external', 'node', 'hostpod'), or(...blocks));
}

/** The block of one address; none when the text is no address. */
export function hostBlock(address: string): Selector[] {
  const ip = parseIp(address);
  if (ip === null) return [];
  return [{ type: 'cidr', cidr: blockOf(ip), except: [] }];
}
