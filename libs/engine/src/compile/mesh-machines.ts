import { groupBy, oncePer } from '../base/index.js';
import { and, NONE, not, or } from '../model/index.js';
import type { CompiledPolicy, Condition, Labels, PeerSet, PolicyEntry, Selector } from '../model/index.js';
import { parseCidr } from '../net/index.js';
import type { CompileEnv } from '../kinds/frontend.js';
import { peersWithin } from '../kinds/shared/index.js';
import {
  DETOUR_TIER,
  EVERY_MEMBER,
  machineGroups,
  meshMembers,
  MESH_TIER,
  standsForIdentity,
  machineEntries,
} from '../kinds/istio/index.js';
import type { MachineEntry } from '../kinds/istio/index.js';
import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { MatcherTable, MAYBE, NO, YES } from './match-selector.js';
import type { Tri } from './match-selector.js';

/** Machines that share an address, as the mesh sees them and as what they are to the cluster: an address outside. */
interface Machine {
  readonly block: string;
  readonly members: readonly Endpoint[];
  readonly outside: Endpoint;
  /** Whether what the mesh sees of them is known, and not left open by the entries. */
  readonly isSure: boolean;
  readonly takesMutualTls: boolean;
}

interface Machines {
  readonly all: readonly Machine[];
  readonly matchers: MatcherTable;
}

/** The machines of the mesh by their addresses (IM-53). */
const machinesOf = oncePer((env: CompileEnv): Machines => {
  // One without an account takes nothing from what another says of the address.
  const members = machineEntries(env).filter(({ isMember }) => isMember !== false);
  const all = [...groupBy(members, ({ block }) => block)].flatMap(([block, entries]) =>
    block === null ? [] : [machineOf(block, entries, env)],
  );
  return { all, matchers: new MatcherTable() };
});

function machineOf(block: string, entries: readonly MachineEntry[], env: CompileEnv): Machine {
  const range = parseCidr(block);
  const ips = range === null ? [] : [{ family: range.family, value: range.from }];
  const outside: Endpoint = { ...BLANK_ENDPOINT, ips };
  const labelsOf = (namespace: string): Labels =>
    env.namespaces.get(namespace)?.meta.labels ?? { 'kubernetes.io/metadata.name': namespace };
  return {
    block,
    outside,
    members: entries.map(({ namespace, labels, serviceAccount }): Endpoint => {
      const namespaceLabels = labelsOf(namespace);
      return {
        ...outside,
        namespace,
        namespaceLabels,
        labels,
        serviceAccount,
        special: machineGroups(labels, namespaceLabels),
      };
    }),
    isSure: entries.every(({ isFar, isMember }) => !isFar && isMember !== null),
    takesMutualTls: entries.every((entry) => entry.takesMutualTls),
  };
}

/**
 * What a policy of the mesh says of machines too: their addresses stand for them, as clients and as servers. To other
 * policies they are addresses outside. (IM-53)
 */
export function withMachines(policy: CompiledPolicy, env: CompileEnv): CompiledPolicy {
  if (!policy.entries.some(isOfMesh)) return policy;
  const machines = machinesOf(env);
  if (machines.all.length === 0) return policy;
  const entries = policy.entries.flatMap((entry) => {
    if (!isOfMesh(entry)) return [entry];
    return [seenBy(entry, machines), ...atMachines(entry, machines, env)];
  });
  return { ...policy, entries };
}

const isOfMesh = ({ tier }: PolicyEntry): boolean => tier === MESH_TIER.id || tier === DETOUR_TIER.id;

function peersWith(peers: PeerSet, change: (selector: Selector) => Selector): PeerSet {
  return peers.type === 'of' ? { type: 'of', selectors: peers.selectors.map(change) } : peers;
}

/** The same of all others; of an address of machines what holds for these. */
function withAddresses(selector: Selector, { all, matchers }: Machines): Selector {
  const matcher = matchers.matcher(selector);
  const told = all.map((machine) => ({
    ...machine,
    was: matcher(machine.outside, machine.outside),
    is: holds(matcher, machine),
  }));
  const changed = told.filter(({ was, is }) => was !== is);
  if (changed.length === 0) return selector;
  return or(
    and(selector, not(atAddresses(changed))),
    atAddresses(changed.filter(({ is }) => is === YES)),
    and(atAddresses(changed.filter(({ is }) => is === MAYBE)), UNKNOWN),
  );
}

function holds(matcher: ReturnType<MatcherTable['matcher']>, { members, outside, isSure }: Machine): Tri {
  const each = [...members, ...(isSure ? [] : [outside])].map((one) => matcher(one, one));
  return each.every((one) => one === each[0]) ? (each[0] ?? NO) : MAYBE;
}

const EXTERNAL: Selector = { type: 'kind', kinds: ['external'] };

const UNKNOWN: Selector = { type: 'unknown', why: 'WorkloadEntries leave it open which workload has the address' };

function atAddresses(machines: readonly Machine[]): Selector {
  return and(EXTERNAL, or(...machines.map(({ block }): Selector => ({ type: 'cidr', cidr: block, except: [] }))));
}

/** What an entry says where machines are its subjects. */
function atMachines(entry: PolicyEntry, machines: Machines, env: CompileEnv): readonly PolicyEntry[] {
  const matcher = machines.matchers.matcher(entry.subject);
  const told = machines.all.map((machine) => ({ machine, is: holds(matcher, machine) })).filter(({ is }) => is !== NO);
  const groups = [true, false].map((takesMutualTls) => ({
    strangers: takesMutualTls ? ambientOf(env) : EVERY_MEMBER,
    those: told.filter(({ machine }) => machine.takesMutualTls === takesMutualTls),
  }));
  return groups.flatMap(({ strangers, those }): readonly PolicyEntry[] => {
    if (those.length === 0) return [];
    const at = (is: Tri): Selector => atAddresses(those.filter((one) => one.is === is).map(({ machine }) => machine));
    const there = { ...entry, subject: or(at(YES), and(at(MAYBE), UNKNOWN)) };
    return entry.direction === 'ingress' ? knownOrNot(there, strangers, machines) : [seenBy(there, machines)];
  });
}

const ambientOf = ({ ambient }: CompileEnv): Selector => (ambient.size === 0 ? NONE : meshMembers('ambient'));

const seenBy = (entry: PolicyEntry, machines: Machines): PolicyEntry => {
  return { ...entry, peers: peersWith(entry.peers, (one) => withAddresses(one, machines)) };
};

/**
 * What an entry says of clients of which some are perhaps not known: these are judged as who they are and as nobody, by
 * all entries the same way.
 */
function knownOrNot(entry: PolicyEntry, strangers: Selector, machines: Machines): readonly PolicyEntry[] {
  const { peers, conditions } = entry;
  const anonymous = peersWith(peers, withoutIdentities);
  const asksWho =
    peers.type === 'of' && anonymous.type === 'of' && peers.selectors.some((one, i) => one !== anonymous.selectors[i]);
  if (!asksWho || strangers.type === 'none') return [seenBy(entry, machines)];
  const among = (who: PeerSet, clients: Selector, carried?: boolean): PolicyEntry => {
    const told: readonly Condition[] = carried === undefined ? [] : [{ type: 'unsupported', what: STRANGE, carried }];
    return seenBy({ ...entry, peers: peersWithin(who, clients), conditions: [...conditions, ...told] }, machines);
  };
  return [among(peers, not(strangers)), among(peers, strangers, true), among(anonymous, strangers, false)];
}

/** What a selector says where nobody shows an identity; itself where it does not ask for one. */
function withoutIdentities(selector: Selector): Selector {
  switch (selector.type) {
    case 'special':
      return standsForIdentity(selector) ? NONE : selector;
    case 'not': {
      const inner = withoutIdentities(selector.of);
      return inner === selector.of ? selector : not(inner);
    }
    case 'and':
    case 'or': {
      const members = selector.of.map(withoutIdentities);
      if (members.every((one, index) => one === selector.of[index])) return selector;
      return selector.type === 'and' ? and(...members) : or(...members);
    }
    default:
      return selector;
  }
}

const STRANGE = 'whether the mesh carries to a workload outside the cluster what this client says is not known';
