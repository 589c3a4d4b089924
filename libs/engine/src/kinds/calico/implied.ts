import { partition } from '../../base/index.js';
import { ALL, and, ANY_PORT, not, or, TCP } from '../../model/index.js';
import type {
  CompiledPolicy,
  Direction,
  ObjectRef,
  PeerSet,
  PolicyEntry,
  PortSpec,
  Selector,
  Tier,
} from '../../model/index.js';
import { isEbpf } from '../../cni/calico-dataplane.js';
import type { CompileEnv } from '../frontend.js';
import { hasWindowsAgents, NOT_ON_WINDOWS, ON_WINDOWS, podSubject } from '../shared/index.js';
import { contextOf } from './calico.context.js';
import type { CalicoContext } from './calico.context.js';
import { failsafeGroups, failsafePeers } from './failsafe.js';
import type { Failsafe } from './failsafe.js';
import { felixConfiguration } from './felix-configuration.js';
import { hostsClosedToPods } from './host-action.js';
import { isEveryInterface, podsOn } from './host-endpoint.js';
import type { HostEndpoint } from './host-endpoint.parse.js';
import {
  anyPolicySays,
  hostSubjects,
  ON_THE_SAME_HOST,
  seenBeforeTranslation,
  THE_HOST_ITSELF,
} from './host-policy.js';
import type { HostFlag } from './host-policy.js';
import { actionOf } from './policy.compile.js';
import { DEFAULT_ALLOW_PROFILE, NAMESPACE_PROFILE, SERVICE_ACCOUNT_PROFILE } from './profile.js';
import type { Profile } from './profile.js';
import type { RawRule } from './calico.raw.js';
import { ruleParts } from './rule.compile.js';
import { forwardTier, LAST } from './tiers.js';
import { beforeReplies } from './untracked-replies.js';
import { whereThereIs } from './windows.js';

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];

/** Names with a colon cannot be those of Tier objects. */
const FAILSAFE_TIER: Tier = {
  id: 'calico:failsafe',
  title: 'failsafe rules of hosts',
  order: [-100],
  passTo: '',
  gate: 'cni',
};
/** What no profile allows ends here. */
const PROFILES_END: Tier = {
  id: 'calico:profiles',
  title: 'profiles',
  order: [LAST, 'profiles', LAST],
  passTo: '',
  gate: 'cni',
};
const LOCAL_TIER: Tier = { ...FAILSAFE_TIER, id: 'calico:local', title: 'traffic inside a host', order: [-5] };
/** One for each profile of an endpoint, so that Pass leads to the next. */
const profileTierId = (place: number): string => `${PROFILES_END.id}:${place}`;
const profileTier = (place: number): Tier => ({
  ...PROFILES_END,
  id: profileTierId(place),
  order: [LAST, 'profiles', place],
});
/** The same before every other tier of what a host forwards. */
const LOCAL_FIRST: Tier = { ...LOCAL_TIER, order: FAILSAFE_TIER.order };
const LOCAL_FORWARD = forwardTiers(LOCAL_FIRST);

/** Before translation failsafe ports lead to the policy of what is forwarded, which knows none. (CAL-68) */
const TRANSLATED: Tier = { ...FAILSAFE_TIER, id: 'calico:translated', title: 'after translation', order: [-5] };
const OPEN_EARLY: Tier = { ...FAILSAFE_TIER, order: [-50], passTo: TRANSLATED.id };
const FORWARDED_OPEN = forwardTiers(OPEN_EARLY);
/** Replies of what passes by failsafe ports are let pass as such. (CAL-75) */
const FAILSAFE_REPLIES = beforeReplies(FAILSAFE_TIER);
const AFTER_TRANSLATION = [forwardTier(TRANSLATED, 'host-forward'), forwardTier(TRANSLATED, 'host-inward')];

function forwardTiers(tier: Tier): Readonly<Record<'untracked' | 'outward' | 'inward', Tier>> {
  return {
    untracked: forwardTier(tier, 'host-untracked'),
    outward: forwardTier(tier, 'host-forward'),
    inward: forwardTier(tier, 'host-inward'),
  };
}

/** What Calico does beside its policies, in the form of policies. */
export interface Implied {
  readonly tiers: readonly Tier[];
  readonly policies: readonly CompiledPolicy[];
}

/**
 * Profiles after the last tier, failsafe ports and the default of host endpoints, and what becomes of traffic between a
 * host and its own workloads. (CAL-45 to CAL-55)
 */
export function calicoImplied(env: CompileEnv): Implied {
  if (env.semantics.combination !== 'calico') return { tiers: [], policies: [] };
  const context = contextOf(env);
  const policies = [
    ...workloadToHost(context),
    ...hostRules(context),
    ...profileRules(context),
    ...workloadDefault(env),
  ];
  const used = new Set(policies.flatMap((policy) => policy.entries.map((entry) => entry.tier)));
  const forwarded = [...Object.values(LOCAL_FORWARD), ...Object.values(FORWARDED_OPEN), ...FAILSAFE_REPLIES];
  const places = Math.max(2, ...context.hosts.all.map(({ profiles }) => profiles.length));
  const profiles = Array.from({ length: places }, (_, place) => profileTier(place));
  const tiers = [FAILSAFE_TIER, ...profiles, PROFILES_END, LOCAL_TIER, ...forwarded].filter((tier) =>
    used.has(tier.id),
  );
  const after = AFTER_TRANSLATION.filter(({ id }) => tiers.some((tier) => tier.passTo === id));
  return { tiers: [...tiers, ...after], policies };
}

type Inside = Pick<PolicyEntry, 'tier' | 'subject' | 'peers'>;
type Given = Pick<PolicyEntry, 'direction' | 'tier' | 'order' | 'subject' | 'action'> & Partial<PolicyEntry>;

function implied(policy: ObjectRef, pointer: string, given: Given): PolicyEntry {
  return {
    source: { policy, pointer, index: -1, name: '' },
    tieUndefined: false,
    peers: { type: 'any' },
    ports: ANY_PORT,
    family: null,
    isolates: false,
    conditions: [],
    ...given,
  };
}

const compiled = (policy: ObjectRef, entries: readonly PolicyEntry[]): CompiledPolicy => ({
  policy,
  entries,
  diagnostics: [],
  refused: false,
});

/** What a workload sends to its own host passes no host endpoint; Felix' default action has the last word. (CAL-53) */
function workloadToHost({ env }: CalicoContext): CompiledPolicy[] {
  return hostsClosedToPods(env).map(({ configuration, hosts }) => {
    const policy = felixConfiguration(env, configuration);
    // Felix for Windows has no such setting.
    const everyHost = and({ type: 'kind', kinds: ['node', 'hostpod'] }, NOT_ON_WINDOWS);
    const entry = implied(policy, '/spec/defaultEndpointToHostAction', {
      direction: 'ingress',
      tier: FAILSAFE_TIER.id,
      order: [0],
      subject: hosts === 'all' ? everyHost : and(everyHost, { type: 'nodeName', names: hosts }),
      peers: { type: 'of', selectors: [and({ type: 'kind', kinds: ['pod'] }, { type: 'same', as: 'node' })] },
      action: 'deny',
    });
    return compiled(policy, [entry]);
  });
}

/** Traffic inside a host, the ports that stay open, and the denial of what no policy and no profile allows. */
function hostRules(context: CalicoContext): CompiledPolicy[] {
  const hosts = context.hosts.all;
  if (hosts.length === 0) return [];
  const policy = felixConfiguration(context.env);
  const inside = insideHosts(context);
  const entries = DIRECTIONS.flatMap((direction) => [
    ...inside.map((given) => implied(policy, '', { direction, order: [1], action: 'allow', ...given })),
    ...openPorts(context, direction),
  ]);
  entries.push(...forwardedOpenPorts(context));
  return [compiled(policy, entries), ...hosts.map((host) => hostProfiles(host, context))];
}

/**
 * What stays inside a host passes no interface of it, and is free. An endpoint that stands for every interface stands
 * for those of the pods as well: pods meet what it says before translation, and of what it forwards. (CAL-52, CAL-66)
 */
function insideHosts(context: CalicoContext): readonly Inside[] {
  const hosts = context.hosts.all;
  const [every, named] = partition(hosts, isEveryInterface);
  const sameHost: PeerSet = { type: 'of', selectors: [ON_THE_SAME_HOST] };
  const hostItself: PeerSet = { type: 'of', selectors: [THE_HOST_ITSELF] };
  const pods: Selector = { type: 'kind', kinds: ['pod'] };
  const behindNamed = and(pods, ...every.map((host) => not(podsOn(host))));
  const own: Inside[] = [
    { tier: FAILSAFE_TIER.id, subject: hostSubjects(hosts, context), peers: hostItself },
    { tier: FAILSAFE_TIER.id, subject: hostSubjects(named, context), peers: sameHost },
    { tier: LOCAL_TIER.id, subject: hostSubjects(every, context), peers: sameHost },
  ];
  const forwarded: Inside[] = [
    { tier: LOCAL_FORWARD.outward.id, subject: pods, peers: hostItself },
    { tier: LOCAL_FORWARD.outward.id, subject: behindNamed, peers: sameHost },
    { tier: LOCAL_FORWARD.inward.id, subject: pods, peers: hostItself },
  ];
  const untracked: Inside = { tier: LOCAL_FORWARD.untracked.id, subject: pods, peers: sameHost };
  const says = (flag: HostFlag): boolean => anyPolicySays(flag, context.env);
  return [
    ...own.filter(({ subject }) => subject.type !== 'none'),
    ...(says('applyOnForward') || says('preDNAT') ? forwarded : []),
    ...(says('doNotTrack') ? [untracked] : []),
  ];
}

function openPorts(context: CalicoContext, direction: Direction): PolicyEntry[] {
  const pointer = direction === 'ingress' ? '/spec/failsafeInboundHostPorts' : '/spec/failsafeOutboundHostPorts';
  const tiers = [FAILSAFE_TIER, ...(anyPolicySays('doNotTrack', context.env) ? FAILSAFE_REPLIES : [])];
  return failsafeGroups(context.env, context.hosts.all, direction).flatMap(({ hosts, ports, configuration }) => {
    const subject = hostSubjects(hosts, context);
    const policy = felixConfiguration(context.env, configuration);
    return ports.flatMap((failsafe) =>
      tiers.map(({ id }) =>
        implied(policy, pointer, {
          direction,
          tier: id,
          order: [2],
          subject,
          peers: failsafePeers(failsafe),
          ports: { include: [failsafe.port], except: [] },
          action: 'allow',
        }),
      ),
    );
  });
}

/**
 * Failsafe ports of what a host forwards: policy before connection tracking and before translation, which looks at all
 * that enters the host, leaves them alone; what it looks at there is the port that the client used. (CAL-68)
 */
function forwardedOpenPorts(context: CalicoContext): PolicyEntry[] {
  const isUntracked = anyPolicySays('doNotTrack', context.env);
  const isBeforeTranslation = anyPolicySays('preDNAT', context.env);
  const { untracked, outward, inward } = FORWARDED_OPEN;
  const groups = failsafeGroups(context.env, context.hosts.all, 'ingress');
  const open = groups.flatMap(({ hosts, ports, configuration }) => {
    const policy = felixConfiguration(context.env, configuration);
    // Where hosts differ each speaks of its own pods.
    const pods: Selector = groups.length > 1 ? or(...hosts.map(podsOn)) : { type: 'kind', kinds: ['pod'] };
    return ports.map((failsafe) => ({ failsafe, policy, pods }));
  });
  return open.flatMap(({ failsafe, policy, pods }) => {
    const clients = failsafePeers(failsafe);
    if (clients.type === 'none') return [];
    const from = clients.type === 'of' ? and(pods, ...clients.selectors) : pods;
    return portsBeforeTranslation(failsafe).flatMap((variant) => {
      const entry = (direction: Direction, given: Pick<Given, 'tier' | 'subject' | 'peers' | 'action'>): PolicyEntry =>
        implied(policy, '/spec/failsafeInboundHostPorts', { direction, order: [1], ...variant, ...given });
      return [
        ...(isUntracked
          ? [entry('ingress', { tier: untracked.id, subject: pods, peers: clients, action: 'allow' })]
          : []),
        ...(isBeforeTranslation
          ? [
              entry('ingress', { tier: outward.id, subject: pods, peers: clients, action: 'pass' }),
              entry('egress', { tier: inward.id, subject: from, peers: { type: 'any' }, action: 'pass' }),
            ]
          : []),
      ];
    });
  });
}

function portsBeforeTranslation({ port }: Failsafe): Pick<PolicyEntry, 'ports' | 'conditions'>[] {
  const ports: PortSpec = { include: [port], except: [] };
  const every: PortSpec = { include: [{ type: 'protocol', protocol: port.protocol ?? TCP }], except: [] };
  return [
    { ports, conditions: [{ type: 'direct' }] },
    { ports: every, conditions: [seenBeforeTranslation({ ports, within: [], without: [] })] },
  ];
}

/** A host endpoint's profiles in the order that it names them, then denial. (CAL-47) */
function hostProfiles(host: HostEndpoint, context: CalicoContext): CompiledPolicy {
  const policy: ObjectRef = { group: 'projectcalico.org', kind: 'HostEndpoint', namespace: '', name: host.name };
  const subject = context.hosts.ownTraffic(host);
  const entries = DIRECTIONS.flatMap((direction) => {
    const out: PolicyEntry[] = [];
    for (const [index, name] of host.profiles.entries()) {
      const profile = context.profiles.get(name);
      if (profile === undefined ? allowsWithoutObject(name, context) : allowsAll(profile, direction)) return out;
      if (profile !== undefined) out.push(...profileEntries(profile, direction, subject, index, context));
    }
    return [...out, denied(policy, direction, subject)];
  });
  return compiled(policy, entries);
}

function allowsWithoutObject(name: string, context: CalicoContext): boolean {
  if (name === DEFAULT_ALLOW_PROFILE) return true;
  return name.startsWith(NAMESPACE_PROFILE) && context.env.namespaces.has(name.slice(NAMESPACE_PROFILE.length));
}

function denied(policy: ObjectRef, direction: Direction, subject: Selector): PolicyEntry {
  return implied(policy, '', {
    direction,
    tier: PROFILES_END.id,
    order: [],
    subject,
    peers: { type: 'none' },
    action: 'allow',
    isolates: true,
  });
}

/** Profile objects of namespaces that say something else than to allow everything. (CAL-45, CAL-46) */
function profileRules(context: CalicoContext): CompiledPolicy[] {
  const out: CompiledPolicy[] = [];
  for (const [name, profile] of context.profiles) {
    const namespace = name.slice(NAMESPACE_PROFILE.length);
    if (!name.startsWith(NAMESPACE_PROFILE)) continue;
    const subject = podSubject(context.env.semantics, { type: 'namespace', names: [namespace] });
    const policy = refOf(profile);
    const entries = DIRECTIONS.filter((direction) => !allowsAll(profile, direction)).flatMap((direction) => [
      ...profileEntries(profile, direction, subject, 0, context),
      ...accountEntries(namespace, direction, context),
      denied(policy, direction, subject),
    ]);
    out.push(compiled(policy, entries));
  }
  return out;
}

function accountEntries(namespace: string, direction: Direction, context: CalicoContext): PolicyEntry[] {
  const prefix = `${SERVICE_ACCOUNT_PROFILE}${namespace}.`;
  return [...context.profiles]
    .filter(([name]) => name.startsWith(prefix))
    .flatMap(([name, profile]) => {
      const inside: Selector = { type: 'namespace', names: [namespace] };
      const account: Selector = { type: 'serviceAccount', names: [name.slice(prefix.length)] };
      const subject = podSubject(context.env.semantics, inside, account);
      return profileEntries(profile, direction, subject, 1, context);
    });
}

function profileEntries(
  profile: Profile,
  direction: Direction,
  subject: Selector,
  place: number,
  context: CalicoContext,
): PolicyEntry[] {
  const policy = refOf(profile);
  return profile.rules[direction].flatMap((rule, index) => {
    const action = actionOf(rule);
    if (action === null) return [];
    const where = whereThereIs(rule, '', context);
    const parts = ruleParts(rule, direction, '', context);
    return inProfile(action, context).flatMap((said) =>
      parts.map((part) =>
        implied(policy, `/spec/${direction}/${index}`, {
          direction,
          tier: profileTierId(place),
          order: [profile.fact.meta.name, index],
          source: { policy, pointer: `/spec/${direction}/${index}`, index, name: '' },
          subject: and(subject, part.subject, where, said.where),
          peers: part.peers,
          ports: part.ports,
          conditions: part.conditions,
          family: rule.ipVersion,
          action: said.action,
        }),
      ),
    );
  });
}

/** What an action comes to, and where: Pass in a profile denies with eBPF, which Windows does not have. (CAL-46) */
function inProfile(
  action: PolicyEntry['action'],
  { env: { semantics } }: CalicoContext,
): readonly { readonly where: Selector; readonly action: PolicyEntry['action'] }[] {
  if (action !== 'pass' || !isEbpf(semantics.options)) return [{ where: ALL, action }];
  if (!hasWindowsAgents(semantics)) return [{ where: ALL, action: 'deny' }];
  return [
    { where: NOT_ON_WINDOWS, action: 'deny' },
    { where: ON_WINDOWS, action },
  ];
}

/** True when the first rule that decides anything allows everything. */
function allowsAll(profile: Profile, direction: Direction): boolean {
  const first = profile.rules[direction].find((rule) => rule.action !== 'Log');
  return first?.action === 'Allow' && saysNothing(first);
}

function saysNothing(rule: RawRule): boolean {
  const sides = [rule.source, rule.destination];
  return (
    !rule.isIcmpOpen &&
    [rule.ipVersion, rule.protocol, rule.notProtocol, rule.icmp, rule.notIcmp, rule.http].every(
      (part) => part === null,
    ) &&
    sides.every((side) =>
      Object.values(side).every((part) => part === null || (Array.isArray(part) && part.length === 0)),
    )
  );
}

function refOf(profile: Profile): ObjectRef {
  const { group, kind, namespace, name } = profile.fact.meta;
  return { group, kind, namespace, name };
}

/** Endpoints without a profile are denied what no policy allows; pods of Kubernetes always have one. (CAL-45) */
function workloadDefault(env: CompileEnv): CompiledPolicy[] {
  if (env.semantics.podDefault !== 'deny') return [];
  const policy: ObjectRef = { group: 'projectcalico.org', kind: 'Profile', namespace: '', name: 'none' };
  const subject = podSubject(env.semantics);
  return [
    compiled(
      policy,
      DIRECTIONS.map((direction) => denied(policy, direction, subject)),
    ),
  ];
}
