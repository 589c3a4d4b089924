import type { CniDetection, KindSupport, PolicyKind, Semantics } from '../model/index.js';
import { isCniId } from './cni-id.js';
import type { CniId } from './cni-id.js';
import { ENGINE_SEPARATOR } from './detect-cni.js';
import { CNI_PROFILES } from './profiles/index.js';
import { UNKNOWN_SUPPORT } from './profiles/unknown.profile.js';
import { contextOf, KIND_GROUPS, kindSupport, NO_SUPPORT } from './profile.js';
import type { CniProfile, GroupSupport, SemanticsDeviation, Vendor } from './profile.js';
import { SPEC_SEMANTICS, SPEC_SUPPORT } from './spec-semantics.js';

/** How a detected CNI reads policy, and where that leaves the specification. */
export interface EnforcedSemantics {
  readonly semantics: Semantics;
  readonly deviations: readonly SemanticsDeviation[];
}

/** The profiles of the engines of a detection, or of its network plugin when no engine enforces. Never empty. */
export function profilesOf(detection: CniDetection): readonly [CniProfile, ...CniProfile[]] {
  const names = detection.policyEngine.split(ENGINE_SEPARATOR).filter(isCniId);
  const [first, ...rest] = names.length > 0 ? names : isCniId(detection.networking) ? [detection.networking] : [];
  if (first === undefined) return [CNI_PROFILES.unknown];
  return [CNI_PROFILES[first], ...rest.map((id) => CNI_PROFILES[id])];
}

/**
 * The *enforced* reading: what the detected CNI, its version and its options make of policy. Mesh kinds are always
 * `yes`: the mesh enforces them, whatever CNI runs.
 *
 * A detection of several engines is read as its first one: take it apart with `engineDetections`, as each decides for
 * itself.
 */
export function semanticsOf(detection: CniDetection): EnforcedSemantics {
  const [profile] = profilesOf(detection);
  const semantics: Semantics = {
    ...switchesOf(profile, detection),
    kinds: kindSupport(supportOf(detection, profile)),
  };
  const deviations =
    detection.enforced === 'no' ? [notEnforced(detection, profile)] : profile.deviations(contextOf(detection, profile));
  return { semantics, deviations };
}

/** Where the CNI of a cluster leaves the specification, all its engines together. */
export function deviationsOf(detection: CniDetection): readonly SemanticsDeviation[] {
  const each = engineDetections(detection).flatMap((engine) => semanticsOf(engine).deviations);
  const profiles = profilesOf(detection);
  return profiles.length > 1 ? [severalEngines(profiles), ...each] : each;
}

function switchesOf(profile: CniProfile, detection: CniDetection): Semantics {
  const context = contextOf(detection, profile);
  const options = { ...detection.options, engine: profile.id, version: context.version };
  return { ...SPEC_SEMANTICS, ...profile.semantics(context), options };
}

function supportOf(detection: CniDetection, profile: CniProfile): GroupSupport {
  if (detection.enforced === 'no') return NO_SUPPORT;
  if (detection.enforced === 'unknown') return UNKNOWN_SUPPORT;
  return profile.support(contextOf(detection, profile));
}

function notEnforced(detection: CniDetection, profile: CniProfile): SemanticsDeviation {
  const [known] = profile
    .deviations(contextOf(detection, profile))
    .filter((deviation) => deviation.deviation === 'ignored');
  return {
    subject: 'every policy',
    deviation: 'ignored',
    note: `${detection.title} enforces no policy in this cluster: everything is allowed`,
    source: known?.source ?? profile.columns.standardPolicy.source,
  };
}

function severalEngines(profiles: readonly CniProfile[]): SemanticsDeviation {
  return {
    subject: 'several policy engines',
    deviation: 'narrowed',
    note: `${profiles.map((profile) => profile.title).join(' and ')} enforce at once; a flow must pass each of them`,
    source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  };
}

/**
 * One detection per engine: each reads policy in its own way, and a flow must pass all of them. A detection with one
 * engine or none is returned as it is.
 */
export function engineDetections(detection: CniDetection): readonly [CniDetection, ...CniDetection[]] {
  const { engines, ...shared } = detection;
  const [first, ...rest] = detection.policyEngine.split(ENGINE_SEPARATOR).map((policyEngine): CniDetection => {
    const known = engines?.find((engine) => engine.id === policyEngine);
    if (known === undefined) return { ...shared, policyEngine };
    const { version, unenforcedNodes } = known;
    return { ...shared, policyEngine, version, unenforcedNodes, options: { ...shared.options, ...known.options } };
  });
  return first === undefined || rest.length === 0 ? [detection] : [first, ...rest];
}

const VENDOR_KINDS: Readonly<Record<Vendor, readonly (keyof GroupSupport)[]>> = {
  cilium: ['cilium', 'ciliumClusterwide'],
  calico: ['calico', 'calicoStaged'],
  antrea: ['antrea'],
  aws: ['awsCluster', 'awsApplication'],
  ovn: ['ovn'],
};
const VENDORS: readonly Vendor[] = ['cilium', 'calico', 'antrea', 'aws', 'ovn'];
const VENDOR_PROFILE: Readonly<Record<Vendor, CniId>> = {
  cilium: 'cilium',
  calico: 'calico',
  antrea: 'antrea',
  aws: 'aws-vpc-cni',
  ovn: 'ovn-kubernetes',
};

/** Switches that a vendor's policy needs on to mean what it says. */
const ALL_FEATURES: Readonly<Record<Vendor, Readonly<Record<string, string>>>> = {
  cilium: {
    'enable-extended-ip-protocols': 'true',
    'enable-fqdn-network-policy': 'true',
    'enable-host-firewall': 'true',
    'enable-k8s-cluster-network-policy': 'true',
    'enable-k8s-networkpolicy': 'true',
    'enable-l7-proxy': 'true',
    'enable-local-redirect-policy': 'true',
    'enable-node-selector-labels': 'true',
    'enable-non-default-deny-policies': 'true',
    'enable-sctp': 'true',
    'policy-audit-mode': 'false',
  },
  calico: {},
  antrea: {
    'gate.AdminNetworkPolicy': 'true',
    'gate.AntreaPolicy': 'true',
    'gate.ClusterNetworkPolicy': 'true',
    'gate.L7NetworkPolicy': 'true',
    'gate.NodeNetworkPolicy': 'true',
  },
  aws: {},
  ovn: {},
};

/** The vendors of which there are policies. */
function vendorsOf(kindsPresent: ReadonlySet<PolicyKind>): readonly Vendor[] {
  const groups = new Set<string>([...kindsPresent].map((kind) => KIND_GROUPS[kind]));
  return VENDORS.filter((vendor) => VENDOR_KINDS[vendor].some((group) => groups.has(group)));
}

/**
 * The *intended* reading: what policy as written says. Standard kinds alone are read as the specification has them.
 * Native kinds of a vendor are read in that vendor's order with all its features on, even when the detected CNI does
 * not enforce them; when the CNI is that vendor's, the order follows its real switches.
 *
 * Native kinds of several vendors have no common order: the detected CNI's vendor leads, else the first of Cilium,
 * Calico, Antrea, AWS and OVN, and the kinds of the others are `unknown`.
 */
export function intendedSemantics(detection: CniDetection, kindsPresent: ReadonlySet<PolicyKind>): Semantics {
  const hasFqdn = [...kindsPresent].some((kind) => KIND_GROUPS[kind] === 'gkeFqdn');
  const withFqdn: GroupSupport = hasFqdn ? { ...SPEC_SUPPORT, gkeFqdn: 'yes' } : SPEC_SUPPORT;
  const present = vendorsOf(kindsPresent);
  const detected = profilesOf(detection).find((profile) => profile.vendor !== null && present.includes(profile.vendor));
  const vendor = detected?.vendor ?? present[0];
  if (vendor === undefined) return { ...SPEC_SEMANTICS, kinds: kindSupport(withFqdn) };
  const profile = detected ?? CNI_PROFILES[VENDOR_PROFILE[vendor]];
  const context =
    detected === undefined
      ? { version: '', options: ALL_FEATURES[vendor] }
      : { version: '', options: { ...notSwitchedOff(detection.options), ...ALL_FEATURES[vendor] } };
  return {
    ...SPEC_SEMANTICS,
    ...profile.semantics(context),
    // Port ranges and named ports mean what they say, whatever the dataplane makes of them.
    namedPorts: 'exact',
    endPort: 'exact',
    ipBlockExcept: 'exact',
    sctp: true,
    untypedRules: [],
    networkPolicyOf: 'spec',
    standingAllows: [],
    isolatesLast: vendor === 'cilium' && [...kindsPresent].some((kind) => KIND_GROUPS[kind] === 'clusterV1alpha2'),
    kinds: kindSupport({ ...withFqdn, ...nativeSupport(vendor) }),
    options: { ...context.options, version: detected === undefined ? '' : contextOf(detection, detected).version },
  };
}

/**
 * How the engines read policy that a cluster may have. Where none was found these are the vendors of which there are
 * policies, each alone and with all its features on, and one that knows the kinds of no vendor.
 */
export function possibleSemantics(
  detection: CniDetection,
  kindsPresent: ReadonlySet<PolicyKind>,
): readonly [Semantics, ...Semantics[]] {
  const { semantics } = semanticsOf(detection);
  const [{ id }] = profilesOf(detection);
  const present = id === 'unknown' ? vendorsOf(kindsPresent) : [];
  const kindsOf = (vendor: Vendor): readonly PolicyKind[] =>
    [...kindsPresent].filter((kind) => VENDOR_KINDS[vendor].some((group) => group === KIND_GROUPS[kind]));
  const [first, ...rest] = present.map((vendor): Semantics => {
    const support = CNI_PROFILES[VENDOR_PROFILE[vendor]].support({ version: '', options: ALL_FEATURES[vendor] });
    return { ...intendedSemantics(detection, new Set(kindsOf(vendor))), kinds: kindSupport(support) };
  });
  if (first === undefined) return [semantics];
  const noVendors = Object.fromEntries(present.flatMap(kindsOf).map((kind) => [kind, 'no' as const]));
  return [first, ...rest, { ...semantics, kinds: { ...semantics.kinds, ...noVendors } }];
}

/** `never` says that nothing is enforced, not how policy is combined. */
function notSwitchedOff(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return options['enable-policy'] === 'never' ? { ...options, 'enable-policy': 'default' } : options;
}

/** A vendor's own kinds as intended. Staged kinds ask not to be enforced. */
function nativeSupport(vendor: Vendor): Partial<GroupSupport> {
  return Object.fromEntries(
    VENDOR_KINDS[vendor].map((group): [string, KindSupport] => [group, group === 'calicoStaged' ? 'no' : 'yes']),
  );
}
