import { field, isObject, pointer, scalarTexts } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Direction } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { isLabelKey } from '../shared/index.js';
import type { RawNamespaceMatch, RawPeer } from './antrea.raw.js';
import {
  countFields,
  readBlock,
  readItems,
  readNodeSelector,
  readReference,
  readText,
  readWorkloads,
  warnUnknownFields,
} from './fields.parse.js';

const NAMESPACED = [
  'ipBlock',
  'podSelector',
  'namespaceSelector',
  'externalEntitySelector',
  'group',
  'nodeSelector',
  'scope',
] as const;
const CLUSTER = [...NAMESPACED, 'namespaces', 'serviceAccount'] as const;
/** Fields that stand alone. */
const ALONE = ['group', 'serviceAccount', 'nodeSelector'] as const;
const FQDN = /^[-0-9a-zA-Z.*]+$/;

/** Reads `from` or `to`; null is everyone (AT-21). */
export function parsePeers(
  value: Json | undefined,
  direction: Direction,
  cluster: boolean,
  at: string,
  problems: ProblemList,
): readonly RawPeer[] | null {
  const items = readItems(value, at, problems);
  if (items.length === 0) return null;
  const known: readonly string[] = [...(cluster ? CLUSTER : NAMESPACED), ...(direction === 'egress' ? ['fqdn'] : [])];
  const peers = items.flatMap((item, index) => parsePeer(item, known, pointer(at, index), problems) ?? []);
  // A peer whose `namespaces` names no criterion is passed over; a rule with none but such has no peers (AT-23).
  return peers.length === 0 && !problems.failed ? null : peers;
}

function parsePeer(item: Json, known: readonly string[], at: string, problems: ProblemList): RawPeer | null {
  if (!isObject(item)) {
    problems.error('antrea.peer', at, `expected a peer, found ${describe(item)}`);
    return null;
  }
  warnUnknownFields(item, known, at, problems);
  const kept = (key: string): Json | undefined => (known.includes(key) ? field(item, key) : undefined);
  for (const key of ALONE) {
    if (kept(key) !== undefined && kept(key) !== '' && countFields(item, known) > 1) {
      problems.error('antrea.peer_mixed', pointer(at, key), `\`${key}\` stands alone in a peer`);
    }
  }
  if (kept('namespaces') !== undefined && kept('namespaceSelector') !== undefined) {
    problems.error('antrea.peer_namespaces', at, '`namespaces` and `namespaceSelector` cannot stand in one peer');
  }
  const mixed = countFields(item, known) > 1;
  return parseAddressed(kept, mixed, at, problems) ?? parseWorkloads(item, kept, at, problems);
}

type Kept = (key: string) => Json | undefined;

/** Peers other than workloads by selector, in the order in which Antrea looks for them. */
function parseAddressed(kept: Kept, mixed: boolean, at: string, problems: ProblemList): RawPeer | null {
  const block = kept('ipBlock');
  if (block !== undefined) {
    if (mixed) problems.suspect('antrea.peer_beside_block', at, 'what stands beside `ipBlock` has no effect');
    const read = readBlock(block, pointer(at, 'ipBlock'), problems);
    return { type: 'block', mixed, ...(read ?? { cidr: '0.0.0.0/0', except: [] }) };
  }
  const group = readText(kept('group'), pointer(at, 'group'), problems);
  if (group !== '') return { type: 'group', name: group };
  const fqdn = readText(kept('fqdn'), pointer(at, 'fqdn'), problems);
  if (fqdn !== '') {
    if (!FQDN.test(fqdn)) {
      const message = `expected a host name with or without \`*\`, found ${describe(fqdn)}`;
      problems.error('antrea.fqdn', pointer(at, 'fqdn'), message);
    }
    return { type: 'fqdn', pattern: fqdn };
  }
  const account = kept('serviceAccount');
  if (account !== undefined) {
    return { type: 'serviceAccount', ...readReference(account, pointer(at, 'serviceAccount'), problems) };
  }
  const nodes = kept('nodeSelector');
  if (nodes === undefined) return null;
  return { type: 'nodes', selector: readNodeSelector(nodes, pointer(at, 'nodeSelector'), problems) };
}

function parseWorkloads(item: Json, kept: Kept, at: string, problems: ProblemList): RawPeer | null {
  const namespaces = kept('namespaces');
  const match = namespaces === undefined ? null : readNamespaceMatch(namespaces, pointer(at, 'namespaces'), problems);
  if (namespaces !== undefined && match === null) return null;
  const scope = readText(kept('scope'), pointer(at, 'scope'), problems);
  if (!['', 'Cluster', 'ClusterSet'].includes(scope)) {
    problems.error('antrea.scope', pointer(at, 'scope'), `expected Cluster or ClusterSet, found ${describe(scope)}`);
  }
  return { type: 'workloads', selectors: readWorkloads(item, at, problems), match, clusterSet: scope === 'ClusterSet' };
}

function readNamespaceMatch(value: Json, at: string, problems: ProblemList): RawNamespaceMatch | null {
  warnUnknownFields(value, ['match', 'sameLabels'], at, problems);
  const match = readText(field(value, 'match'), pointer(at, 'match'), problems);
  const keys = readItems(field(value, 'sameLabels'), pointer(at, 'sameLabels'), problems);
  if (match !== '' && match !== 'Self') {
    problems.error('antrea.namespaces_match', pointer(at, 'match'), `expected Self, found ${describe(match)}`);
  }
  if (match !== '' && keys.length > 0) {
    problems.error('antrea.namespaces_mixed', at, '`match` and `sameLabels` cannot stand together');
  }
  if (match !== '') return { type: 'self' };
  if (keys.length === 0) {
    problems.suspect('antrea.namespaces_empty', at, 'it names no criterion and is passed over');
    return null;
  }
  for (const [index, key] of keys.entries()) {
    if (typeof key === 'string' && isLabelKey(key)) continue;
    problems.error(
      'antrea.same_labels',
      pointer(at, 'sameLabels', index),
      `expected a label key, found ${describe(key)}`,
    );
  }
  return { type: 'sameLabels', keys: scalarTexts(keys).sort() };
}
