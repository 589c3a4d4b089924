import { oncePer } from '../../base/index.js';
import type { Labels } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { HostEndpoints } from './host-endpoint.js';
import { readNetworkSet } from './network-set.js';
import type { NetworkSet } from './network-set.js';
import { NAMESPACE_PROFILE, PROFILE, readProfile, SERVICE_ACCOUNT_PROFILE } from './profile.js';
import type { Profile } from './profile.js';
import { NAMESPACE_PREFIX } from './selector.scope.js';
import { readTiers } from './tiers.js';
import type { CalicoTiers } from './tiers.js';

/** What every policy of one snapshot is compiled against. */
export interface CalicoContext {
  readonly env: CompileEnv;
  readonly networkSets: readonly NetworkSet[];
  readonly hosts: HostEndpoints;
  readonly tiers: CalicoTiers;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Labels that namespaces and service accounts get from Profile objects, by key: who has which value. */
  readonly profileLabels: ReadonlyMap<string, readonly ProfileLabel[]>;
}

/** One value of an inherited label. `serviceAccount` '' stands for all of the namespace. */
export interface ProfileLabel {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly value: string;
}

/** The context of an environment, made once. */
export const contextOf = oncePer(makeContext);

function makeContext(env: CompileEnv): CalicoContext {
  const profiles = new Map(env.aux(PROFILE).map((fact) => [fact.meta.name, readProfile(fact)]));
  const inherited = (namespace: string): Labels => namespaceInheritance(env, profiles, namespace);
  return {
    env,
    networkSets: [...env.aux('NetworkSet.projectcalico.org'), ...env.aux('GlobalNetworkSet.projectcalico.org')].map(
      (fact) => readNetworkSet(fact, inherited(fact.meta.namespace)),
    ),
    hosts: new HostEndpoints(env),
    tiers: readTiers(env),
    profiles,
    profileLabels: labelsOfProfiles(profiles),
  };
}

/** What members of a namespace inherit: its labels behind a prefix, its name, and its profile's labels. (CAL-22) */
function namespaceInheritance(env: CompileEnv, profiles: ReadonlyMap<string, Profile>, namespace: string): Labels {
  const labels = Object.create(null) as Record<string, string>;
  if (namespace === '') return labels;
  const own = env.namespaces.get(namespace)?.meta.labels ?? {};
  for (const key of Object.keys(own)) labels[NAMESPACE_PREFIX + key] = own[key] as string;
  labels[`${NAMESPACE_PREFIX}kubernetes.io/metadata.name`] = namespace;
  labels[`${NAMESPACE_PREFIX}projectcalico.org/name`] = namespace;
  return Object.assign(labels, profiles.get(NAMESPACE_PROFILE + namespace)?.labels);
}

/**
 * `kns.<namespace>` and `ksa.<namespace>.<account>`; other profiles belong to no workload of Kubernetes. The first that a
 * workload has is its namespace's, whose label hides that of the account. (CAL-22)
 */
function labelsOfProfiles(profiles: ReadonlyMap<string, Profile>): ReadonlyMap<string, readonly ProfileLabel[]> {
  const out = new Map<string, ProfileLabel[]>();
  for (const [name, profile] of profiles) {
    const owner = ownerOf(name);
    if (owner === null) continue;
    for (const key of Object.keys(profile.labels)) {
      const known = out.get(key) ?? [];
      out.set(key, known);
      known.push({ ...owner, value: profile.labels[key] as string });
    }
  }
  return new Map([...out].map(([key, labels]) => [key, unhidden(labels)]));
}

/** Of the labels of one key, those that no namespace hides. */
function unhidden(labels: readonly ProfileLabel[]): readonly ProfileLabel[] {
  const isOfNamespace = ({ serviceAccount }: ProfileLabel): boolean => serviceAccount === '';
  const hiding = new Set(labels.filter(isOfNamespace).map(({ namespace }) => namespace));
  return labels.filter((label) => isOfNamespace(label) || !hiding.has(label.namespace));
}

function ownerOf(profile: string): { readonly namespace: string; readonly serviceAccount: string } | null {
  if (profile.startsWith(NAMESPACE_PROFILE)) {
    return { namespace: profile.slice(NAMESPACE_PROFILE.length), serviceAccount: '' };
  }
  if (!profile.startsWith(SERVICE_ACCOUNT_PROFILE)) return null;
  const rest = profile.slice(SERVICE_ACCOUNT_PROFILE.length);
  const dot = rest.indexOf('.');
  return dot < 0 ? null : { namespace: rest.slice(0, dot), serviceAccount: rest.slice(dot + 1) };
}
