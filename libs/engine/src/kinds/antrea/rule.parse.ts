import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { IGMP } from '../../model/index.js';
import type { Direction } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawAction, RawPeer, RawRule, RawServiceRef } from './antrea.raw.js';
import { parseAppliedTo } from './applied-to.parse.js';
import { isMulticast, readItems, readText, warnUnknownFields } from './fields.parse.js';
import { parsePeers } from './peers.parse.js';
import { parsePorts } from './ports.parse.js';
import { parseRequests } from './requests.parse.js';

const ACTIONS: ReadonlySet<string> = new Set<RawAction>(['Allow', 'Drop', 'Reject', 'Pass']);
const FIELDS = [
  'action',
  'ports',
  'protocols',
  'l7Protocols',
  'name',
  'enableLogging',
  'logLabel',
  'appliedTo',
] as const;

/** Reads one rule. `from` is known in ingress, `to` and `toServices` in egress. */
export function parseRule(
  value: Json,
  direction: Direction,
  cluster: boolean,
  at: string,
  problems: ProblemList,
): RawRule {
  if (!isObject(value)) problems.error('antrea.rule', at, `expected a rule, found ${describe(value)}`);
  const peersKey = direction === 'ingress' ? 'from' : 'to';
  const known = direction === 'ingress' ? [...FIELDS, 'from'] : [...FIELDS, 'to', 'toServices'];
  warnUnknownFields(value, known, at, problems);
  const schema = cluster ? 'cluster-rule' : 'namespaced';
  const rule: RawRule = {
    action: readAction(field(value, 'action'), pointer(at, 'action'), problems),
    name: readText(field(value, 'name'), pointer(at, 'name'), problems),
    appliedTo: parseAppliedTo(field(value, 'appliedTo'), schema, pointer(at, 'appliedTo'), problems),
    peers: parsePeers(field(value, peersKey), direction, cluster, pointer(at, peersKey), problems),
    ports: parsePorts(value, direction, at, problems),
    services: direction === 'egress' ? readServices(value, cluster, at, problems) : null,
    requests: parseRequests(field(value, 'l7Protocols'), pointer(at, 'l7Protocols'), problems),
  };
  checkServices(rule, value, at, problems);
  checkRequests(rule, at, problems);
  checkMulticast(rule, direction, at, problems);
  return rule;
}

function readAction(value: Json | undefined, at: string, problems: ProblemList): RawAction {
  if (typeof value === 'string' && ACTIONS.has(value)) return value as RawAction;
  problems.error('antrea.action', at, `expected Allow, Drop, Reject or Pass, found ${describe(value)}`);
  return 'Drop';
}

function readServices(
  value: unknown,
  cluster: boolean,
  at: string,
  problems: ProblemList,
): readonly RawServiceRef[] | null {
  const list = field(value, 'toServices');
  if (list === undefined) return null;
  const here = pointer(at, 'toServices');
  return readItems(list, here, problems).map((entry, index) => {
    const place = pointer(here, index);
    warnUnknownFields(entry, ['name', 'namespace', 'scope'], place, problems);
    const name = readText(field(entry, 'name'), pointer(place, 'name'), problems);
    const namespace = readText(field(entry, 'namespace'), pointer(place, 'namespace'), problems);
    if (name === '') problems.error('antrea.service_name', pointer(place, 'name'), 'a Service needs a `name`');
    if (namespace === '' && cluster) {
      problems.suspect('antrea.service_namespace', place, 'without a `namespace` it matches no Service');
    }
    return { namespace, name, clusterSet: field(entry, 'scope') === 'ClusterSet' };
  });
}

/** toServices stands without peers, ports and protocols (AT-28). */
function checkServices(rule: RawRule, value: unknown, at: string, problems: ProblemList): void {
  if (rule.services === null) return;
  const others = ['ports', 'protocols'].some((key) => field(value, key) !== undefined);
  if (rule.peers !== null || others) {
    const message = '`toServices` cannot stand beside `to`, `ports` or `protocols`';
    problems.error('antrea.to_services_mixed', pointer(at, 'toServices'), message);
  }
}

/** Rules on requests allow, and HTTP runs over TCP (AT-35). */
function checkRequests(rule: RawRule, at: string, problems: ProblemList): void {
  if (rule.requests.length === 0) return;
  const here = pointer(at, 'l7Protocols');
  if (rule.action !== 'Allow') problems.error('antrea.l7_action', here, '`l7Protocols` needs action `Allow`');
  if (rule.services !== null && rule.services.length > 0) {
    problems.error('antrea.l7_services', here, '`l7Protocols` cannot stand beside `toServices`');
  }
  const http = rule.requests.some((request) => request.protocol === 'http');
  if (http && rule.ports?.some(({ match }) => match.protocol !== 6)) {
    problems.error('antrea.l7_protocol', here, 'HTTP needs ports of protocol TCP');
  }
}

/** IGMP and multicast addresses that a rule sends to are for Allow and Drop, and the addresses stand alone (AT-27). */
function checkMulticast(rule: RawRule, direction: Direction, at: string, problems: ProblemList): void {
  const soft = rule.action === 'Pass' || rule.action === 'Reject';
  if (soft && rule.ports?.some(({ match }) => match.protocol === IGMP)) {
    problems.error('antrea.igmp_action', pointer(at, 'action'), 'IGMP knows only `Allow` and `Drop`');
  }
  if (direction === 'ingress') return;
  const blocks = (rule.peers ?? []).filter(
    (peer): peer is Extract<RawPeer, { type: 'block' }> => peer.type === 'block',
  );
  if (!blocks.some((block) => isMulticast(block.cidr))) return;
  if (soft) problems.error('antrea.multicast_action', pointer(at, 'action'), 'multicast knows only `Allow` and `Drop`');
  if (blocks.some((block) => block.mixed || !isMulticast(block.cidr))) {
    const message = 'multicast addresses cannot stand beside other addresses, nor selectors beside them';
    problems.error('antrea.multicast_mixed', at, message);
  }
}
