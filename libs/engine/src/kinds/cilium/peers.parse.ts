import { field, isObject, list, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Direction } from '../../model/index.js';
import { cidrForm } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import { blockWithin, isSubdomain, readCidr } from '../shared/index.js';
import type { RawBlock, RawName, RawPeers, RawService } from './cilium.raw.js';
import { ENTITIES } from './entities.compile.js';
import { parseLabelTests } from './label-tests.parse.js';
import { listField } from './list-field.js';
import { parseName } from './names.parse.js';
import type { RuleContext } from './rule.parse.js';

const INGRESS = ['fromEndpoints', 'fromCIDR', 'fromCIDRSet', 'fromEntities', 'fromNodes', 'fromGroups'];
const EGRESS = ['toEndpoints', 'toCIDR', 'toCIDRSet', 'toEntities', 'toNodes', 'toGroups', 'toServices'];

/** The fields that may name peers, by direction and action. */
export const PEER_FIELDS: Readonly<Record<Direction, Readonly<Record<'allow' | 'deny', readonly string[]>>>> = {
  ingress: { allow: INGRESS, deny: INGRESS },
  egress: { allow: [...EGRESS, 'toFQDNs'], deny: EGRESS },
};

/** Lists that are nobody when they are empty, whatever stands beside them. (CNP-32) */
const NOBODY_WHEN_EMPTY = /^(?:from|to)(?:Endpoints|Nodes|Entities|CIDR|CIDRSet)$/;

/**
 * Reads the peers of a rule. Absent fields are any peer when the rule says something of ports, and nobody otherwise. An
 * empty list is nobody, but for those of names, Services and groups, which are as if they were absent.
 */
export function parsePeers(rule: Json, limitsPorts: boolean, context: RuleContext): RawPeers {
  const { problems, at, direction, action } = context;
  const present = PEER_FIELDS[direction][action].filter((name) => field(rule, name) !== undefined);
  for (const name of present) {
    const value = field(rule, name);
    if (!Array.isArray(value)) {
      problems.error('cilium.peers', pointer(at, name), `expected a list of peers, found ${describe(value)}`);
    }
  }
  const isEmpty = (name: string): boolean => list(field(rule, name)).length === 0;
  const [first, second] = present.filter((name) => !isEmpty(name));
  if (second !== undefined) {
    problems.error('cilium.peers_mixed', pointer(at, second), `cannot stand beside \`${first}\` in one rule`);
  }
  const nobody = present.find((name) => isEmpty(name) && NOBODY_WHEN_EMPTY.test(name));
  if (nobody !== undefined) {
    if (first !== undefined) {
      // Who it names does not count, but has to be readable.
      parseField(first, list(field(rule, first)), limitsPorts, context);
      problems.suspect('cilium.peers_empty', pointer(at, first), `matches nobody, as \`${nobody}\` beside it is empty`);
    }
    return { type: 'none' };
  }
  if (first !== undefined) return parseField(first, list(field(rule, first)), limitsPorts, context);
  const [empty] = present;
  if (empty !== undefined) {
    const why = limitsPorts ? 'its ports are for any peer' : 'it matches nobody';
    problems.suspect('cilium.peers_empty', pointer(at, empty), `is empty, which counts as absent, so ${why}`);
  }
  return { type: limitsPorts ? 'any' : 'none' };
}

function parseField(name: string, values: readonly Json[], limitsPorts: boolean, context: RuleContext): RawPeers {
  const { problems } = context;
  const at = pointer(context.at, name);
  const each = <T>(read: (value: Json, here: string) => T): T[] =>
    values.map((value, index) => read(value, pointer(at, index)));
  switch (name.replace(/^(?:from|to)/, '')) {
    case 'Endpoints':
      return { type: 'endpoints', selectors: each((value, here) => parseLabelTests(value, here, problems)) };
    case 'Entities':
      return { type: 'entities', names: each((value, here) => parseEntity(value, here, context)).flat() };
    case 'CIDR':
      return { type: 'blocks', blocks: each((value, here) => parseBlock(value, here, context)).flat() };
    case 'CIDRSet':
      return { type: 'blocks', blocks: each((value, here) => parseCidrRule(value, here, context)).flat() };
    case 'Nodes':
      if (!context.options.nodeSelectorLabels) {
        problems.error('cilium.nodes_off', at, 'the agent refuses it: enable-node-selector-labels is not on');
      }
      return { type: 'nodes', selectors: each((value, here) => parseLabelTests(value, here, problems)) };
    case 'Services':
      if (limitsPorts && !context.options.servicePorts) {
        problems.error('cilium.services_and_ports', at, 'cannot stand beside `toPorts` before Cilium 1.19');
      }
      return parseServices(
        each((value, here) => parseService(value, here, context)),
        limitsPorts ? 'any' : 'none',
        context,
      );
    case 'FQDNs':
      return { type: 'names', patterns: each((value, here) => parseFqdn(value, here, context)).flat() };
    default:
      return { type: 'groups' };
  }
}

/** The agent looks up Services for rules that allow; in one that denies they count as absent. (CNP-83) */
function parseServices(
  services: readonly (readonly RawService[])[],
  otherwise: 'any' | 'none',
  { action, at, problems }: RuleContext,
): RawPeers {
  if (action === 'allow')
    return { type: 'services', services: services.flat(), otherwise, at: pointer(at, 'toServices') };
  const why = otherwise === 'any' ? 'its ports are denied at any peer' : 'the rule denies nothing';
  const what = 'the agent does not look up Services for a rule that denies, so';
  problems.suspect('cilium.services_denied', pointer(at, 'toServices'), `${what} ${why}`);
  return { type: otherwise };
}

function parseEntity(value: Json, at: string, context: RuleContext): string[] {
  const { meshEntity, namespaceEntity } = context.options;
  const known = ENTITIES.filter((name) =>
    name === 'cluster-mesh' ? meshEntity : name === 'namespace' ? namespaceEntity : true,
  );
  if (typeof value === 'string' && known.includes(value)) return [value];
  context.problems.error('cilium.entity', at, `expected one of ${known.join(', ')}, found ${describe(value)}`);
  return [];
}

/** IPv4 written as IPv6, which is of IPv6 to the agent: nobody has such an address. */
const NOBODY = Symbol('nobody');

/** The agent refuses numbers with a zero before them, which the API server takes. */
function readBlock(value: Json | undefined, at: string, { problems }: RuleContext): string | typeof NOBODY | null {
  const { octetZero, prefixZero, mapped } = cidrForm(text(value));
  if (octetZero || prefixZero) {
    problems.error('cilium.cidr_zero', at, `a number of \`${text(value)}\` has a zero before it`);
    return null;
  }
  if (!mapped) return readCidr(value, at, problems);
  problems.suspect('cilium.cidr_mapped', at, `\`${text(value)}\` is of IPv6, and matches nobody`);
  return NOBODY;
}

/** An element of `fromCIDR` or `toCIDR`. The agent would take an address alone; the API server does not. */
function parseBlock(value: Json, at: string, context: RuleContext): RawBlock[] {
  const cidr = readBlock(value, at, context);
  return cidr === null || cidr === NOBODY ? [] : [{ type: 'cidr', cidr, except: [] }];
}

function parseCidrRule(value: Json, at: string, context: RuleContext): RawBlock[] {
  const { problems } = context;
  const given = ['cidr', 'cidrGroupRef', 'cidrGroupSelector'].filter((name) => field(value, name) !== undefined);
  if (given.length !== 1) {
    const expected = 'needs exactly one of `cidr`, `cidrGroupRef`, `cidrGroupSelector`';
    problems.error('cilium.cidr_rule', at, `an element of a CIDR set ${expected}`);
    return [];
  }
  const exceptions = listField(value, 'except', at, problems);
  const except = exceptions.flatMap((entry, index) => {
    const here = pointer(at, 'except', index);
    const cidr = readBlock(entry, here, context);
    if (cidr === null) return [];
    if (given[0] === 'cidr' && (cidr === NOBODY) !== cidrForm(text(field(value, 'cidr'))).mapped) {
      problems.error('cilium.cidr_except', here, `\`${text(entry)}\` is of another family than its block`);
    }
    return cidr === NOBODY ? [] : [cidr];
  });
  if (exceptions.length > 0 && given[0] !== 'cidr' && !context.options.groupExcept) {
    problems.error('cilium.group_except', pointer(at, 'except'), 'cannot stand beside a group before Cilium 1.17');
  }
  switch (given[0]) {
    case 'cidr':
      return plainCidr(field(value, 'cidr'), except, at, context);
    case 'cidrGroupRef': {
      const here = pointer(at, 'cidrGroupRef');
      const name = field(value, 'cidrGroupRef');
      if (typeof name !== 'string' || !isSubdomain(name)) {
        problems.error('cilium.cidr_group', here, `expected the name of a CiliumCIDRGroup, found ${describe(name)}`);
      }
      return [{ type: 'group', name: text(name), except, at: here }];
    }
    default: {
      const here = pointer(at, 'cidrGroupSelector');
      return [
        { type: 'groups', tests: parseLabelTests(field(value, 'cidrGroupSelector'), here, problems), except, at: here },
      ];
    }
  }
}

function plainCidr(value: Json | undefined, except: readonly string[], at: string, context: RuleContext): RawBlock[] {
  const { problems } = context;
  const cidr = readBlock(value, pointer(at, 'cidr'), context);
  if (cidr === null || cidr === NOBODY) return [];
  for (const inner of except) {
    if (blockWithin(inner, cidr)) continue;
    const here = pointer(at, 'except');
    if (blockWithin(cidr, inner) && !context.options.exceptInside) {
      problems.suspect('cilium.cidr_except', here, `\`${inner}\` leaves nothing of \`${cidr}\``);
    } else problems.error('cilium.cidr_except', here, `\`${inner}\` must lie inside \`${cidr}\``);
  }
  return [{ type: 'cidr', cidr, except }];
}

function parseService(value: Json, at: string, context: RuleContext): RawService[] {
  const { problems } = context;
  if (!isObject(value)) problems.error('cilium.service', at, `expected an object, found ${describe(value)}`);
  const named = field(value, 'k8sService');
  const chosen = field(value, 'k8sServiceSelector');
  checkService(named, pointer(at, 'k8sService'), context);
  checkService(chosen, pointer(at, 'k8sServiceSelector'), context);
  if (chosen !== undefined) {
    if (named !== undefined) {
      const why = 'is ignored beside `k8sServiceSelector`';
      problems.suspect('cilium.service', pointer(at, 'k8sService'), why);
    }
    const here = pointer(at, 'k8sServiceSelector');
    const tests = parseLabelTests(field(chosen, 'selector'), pointer(here, 'selector'), problems);
    return [{ type: 'labels', namespace: text(field(chosen, 'namespace')), tests, at: here }];
  }
  if (named === undefined) {
    problems.suspect('cilium.service', at, 'names no Service, so it matches nothing');
    return [];
  }
  const name = text(field(named, 'serviceName'));
  const here = pointer(at, 'k8sService');
  if (name === '') problems.suspect('cilium.service', here, 'has no `serviceName`, so it matches no Service');
  return [{ type: 'name', namespace: text(field(named, 'namespace')), name, at: here }];
}

/** The API server refuses what is no text in the place of a name. */
function checkService(value: Json | undefined, at: string, { problems }: RuleContext): void {
  if (value === undefined) return;
  if (!isObject(value)) problems.error('cilium.service', at, `expected an object, found ${describe(value)}`);
  for (const key of ['serviceName', 'namespace']) {
    const found = field(value, key);
    if (found === undefined || typeof found === 'string') continue;
    problems.error('cilium.service', pointer(at, key), `expected a name, found ${describe(found)}`);
  }
}

/** One of `matchName` and `matchPattern`; a DNS rule may have both. */
function parseFqdn(value: Json, at: string, context: RuleContext): RawName[] {
  const names = parseName(value, at, context);
  if (names.length > 1) {
    context.problems.error('cilium.name', at, '`matchName` and `matchPattern` cannot stand in one entry of `toFQDNs`');
  }
  return names;
}
