import { field, pointer } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import type { Action, Direction } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readLabelSelector, readStrictCidr } from '../shared/index.js';
import { PEER_UNKNOWN } from './codes.js';
import type { Dialect } from './dialect.js';
import { readDomainName } from './read-domain-name.js';
import { fieldsOf, readList } from './read-fields.js';
import { readPods, removedNamespaceSet } from './read-pods.js';
import type { RawPeer } from './upstream-policy.raw.js';

type PeerField = 'namespaces' | 'pods' | 'networks' | 'nodes' | 'domainNames';

/** Networks and domain names that one peer may list. */
const MAX_ITEMS = 25;

/** `from` or `to` of one rule, which must name at least one peer. */
export function readPeers(
  rule: JsonObject,
  direction: Direction,
  action: Action,
  at: string,
  dialect: Dialect,
  problems: ProblemList,
): readonly RawPeer[] {
  const key = direction === 'ingress' ? 'from' : 'to';
  const here = pointer(at, key);
  const value = field(rule, key);
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    problems.error('adminpolicy.peers_missing', here, `a rule needs at least one peer in \`${key}\``);
    return [];
  }
  const known: readonly PeerField[] =
    direction === 'ingress' ? ['namespaces', 'pods'] : ['namespaces', 'pods', ...dialect.egressPeers];
  return readList(value, here, 'peers', dialect.maxPeers, problems).map((peer, index) =>
    readPeer(peer, known, action, pointer(here, index), dialect, problems),
  );
}

function readPeer(
  peer: Json,
  known: readonly PeerField[],
  action: Action,
  at: string,
  dialect: Dialect,
  problems: ProblemList,
): RawPeer {
  if (typeof peer !== 'object' || peer === null || Array.isArray(peer)) {
    problems.error('adminpolicy.peer', at, `expected a peer, found ${describe(peer)}`);
    return { type: 'unknown' };
  }
  const object = peer as JsonObject;
  const fields = fieldsOf(object);
  const chosen = known.filter((key) => fields.includes(key));
  const expected = known.map((key) => `\`${key}\``).join(', ');
  if (chosen.length > 1) {
    const found = chosen.map((key) => `\`${key}\``).join(' and ');
    problems.error('adminpolicy.peer_mixed', at, `a peer has exactly one of ${expected}, found ${found}`);
    return { type: 'unknown' };
  }
  const strange = fields.filter((key) => !(known as readonly string[]).includes(key));
  const kind = chosen[0];
  if (kind === undefined || strange.length > 0) {
    const found = strange.length === 0 ? 'nothing' : strange.map((key) => `\`${key}\``).join(', ');
    const closed = action === 'allow' ? 'the rule matches nothing' : 'the rule denies everything';
    problems.error(
      PEER_UNKNOWN,
      at,
      `a peer has exactly one of ${expected}, found ${found}; it fails closed: ${closed}`,
    );
    return { type: 'unknown' };
  }
  return readKnownPeer(kind, object[kind] as Json, action, pointer(at, kind), dialect, problems);
}

function readKnownPeer(
  kind: PeerField,
  value: Json,
  action: Action,
  at: string,
  dialect: Dialect,
  problems: ProblemList,
): RawPeer {
  switch (kind) {
    case 'namespaces':
    case 'pods': {
      const removed = dialect.hadNamespaceSets ? removedPeer(kind, value, at, problems) : null;
      return removed ?? { type: 'pods', by: kind, ...readPods(kind, value, at, dialect, problems) };
    }
    case 'nodes':
      return { type: 'nodes', selector: readLabelSelector(value, 'node', at, problems) };
    case 'networks':
      return { type: 'networks', cidrs: readNetworks(value, at, problems) };
    case 'domainNames':
      return { type: 'domainNames', names: readDomainNames(value, action, at, dialect, problems) };
  }
}

/** Namespace sets left the API with v0.1.7; objects in old form are kept, and what they match is not known. */
function removedPeer(kind: 'namespaces' | 'pods', value: Json, at: string, problems: ProblemList): RawPeer | null {
  const what = removedNamespaceSet(kind, value);
  if (what === null) return null;
  const message = `\`${what}\` was removed from the API; whether the peer matches depends on the version that runs`;
  problems.unsupported('adminpolicy.peer_removed', at, message);
  return { type: 'removed', what };
}

function readNetworks(value: Json, at: string, problems: ProblemList): readonly string[] {
  const items = readList(value, at, 'networks', MAX_ITEMS, problems);
  if (Array.isArray(value) && value.length === 0)
    problems.error('adminpolicy.networks', at, 'name at least one network');
  for (const [index, item] of items.entries()) {
    if (items.indexOf(item) === index) continue;
    problems.error('adminpolicy.networks', pointer(at, index), `${describe(item)} stands in the list already`);
  }
  return items
    .map((item, index) => readStrictCidr(item, pointer(at, index), problems))
    .filter((cidr): cidr is string => cidr !== null);
}

function readDomainNames(
  value: Json,
  action: Action,
  at: string,
  dialect: Dialect,
  problems: ProblemList,
): readonly string[] {
  const items = readList(value, at, 'domain names', MAX_ITEMS, problems);
  if (Array.isArray(value) && value.length === 0) {
    problems.error('adminpolicy.domain_names', at, 'name at least one domain name');
  }
  if (dialect.domainNamesRefusedFor.includes(action)) {
    problems.error('adminpolicy.domain_names_action', at, '`domainNames` cannot stand in a rule with this action');
  }
  return items
    .map((item, index) => readDomainName(item, pointer(at, index), problems))
    .filter((name): name is string => name !== null);
}
