import { bareMap, field, oncePer, text, yamlItems, yamlKeys, yamlValue } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { objectRef } from '../../model/index.js';
import type { AuxFact, ObjectRef, PathReading, Selector } from '../../model/index.js';
import { DEFAULT_REVISION, MESH_REVISION, meshConfigName, revisionOfConfig } from '../../normalise/mesh-revisions.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { holdsFor, readLabelSelector } from '../shared/index.js';
import { groupsOfRevision } from './enrolment.js';

/** Who is shown what has no `exportTo`: proxies of all namespaces, of its own, or none. */
export type ExportDefault = 'all' | 'own' | 'none';

/** What the mesh's own configuration says that changes the meaning of policy. */
export interface MeshConfig {
  /** Policies of this namespace hold for the whole mesh. */
  readonly rootNamespace: string;
  /** The name in front of every identity of the mesh. */
  readonly trustDomain: string;
  /** Names that policies may have in its place. */
  readonly trustDomainAliases: readonly string[];
  /** What sidecars make of the path of a request before they look at policy. */
  readonly pathForm: PathReading['form'];
  /** What says that sidecars let pass only what goes to Services that they see, unless a Sidecar differs; null for nothing. */
  readonly registryOnly: ObjectRef | null;
  /** How traffic gets to sidecars unless their pods tell; '' where it is not said. */
  readonly interceptionMode: string;
  /** Whether sidecars use mutual TLS of their own accord. */
  readonly autoMtls: boolean;
  /** The names of its `extensionProviders`, of which some decide in place of policies with action CUSTOM. */
  readonly providers: readonly string[];
  /** Of whose namespaces objects are read, one of these; all where there is none (IM-68). */
  readonly discovery: readonly Selector[];
  readonly exportDefaults: Readonly<Record<'service' | 'virtualService' | 'destinationRule', ExportDefault>>;
  /** Whether the configuration was found; without it the trust domain may be another one. */
  readonly known: boolean;
}

/** By `pathNormalization`; BASE unless set. */
const PATH_FORMS: ReadonlyMap<string, PathReading['form']> = new Map([
  ['NONE', 'as-sent'],
  ['MERGE_SLASHES', 'merged'],
  ['DECODE_AND_MERGE_SLASHES', 'decoded'],
]);

/** Unless the mesh says otherwise; in policies it also stands for whatever the mesh says. */
export const DEFAULT_TRUST_DOMAIN = 'cluster.local';

/** The configurations of control planes, each a ConfigMap: `istio`, or with the name of a revision behind it (IM-66). */
export function meshConfigs(env: Pick<CompileEnv, 'aux'>): readonly AuxFact[] {
  return env.aux('ConfigMap').filter(({ meta }) => revisionOfConfig(meta.name) !== null);
}

/** What the control plane's configuration says, in the YAML of its `mesh`; of several that of the usual revision. */
export function readMeshConfig(env: Pick<CompileEnv, 'aux'>): MeshConfig {
  const all = meshConfigs(env);
  return configOf(all.find(({ meta }) => meta.name === meshConfigName(DEFAULT_REVISION)) ?? all[0]);
}

/** What one configuration says, or that there is none. */
export function configOf(found: AuxFact | undefined): MeshConfig {
  return found === undefined ? UNSET : readFact(found);
}

/** Tags that namespaces and pods may name in place of the revision that they stand for, from the webhooks of these. */
export function revisionTags(webhooks: readonly AuxFact[]): ReadonlyMap<string, string> {
  return new Map(
    webhooks.flatMap(({ meta: { labels } }): (readonly [string, string])[] => {
      const [tag, revision] = [labels[TAG], labels[MESH_REVISION]];
      return tag === undefined || revision === undefined ? [] : [[tag, revision]];
    }),
  );
}

const TAG = 'istio.io/tag';

/** Whether an object tells of control planes what endpoints are made of. */
export function tellsOfRevisions({ meta }: AuxFact): boolean {
  if (meta.kind === 'ConfigMap') return revisionOfConfig(meta.name) !== null;
  return meta.labels[TAG] !== undefined;
}

/** How traffic gets to sidecars unless their pods tell, by the group that tells of their control plane. */
export function interceptionModes(
  configs: readonly AuxFact[],
  webhooks: readonly AuxFact[],
): (ofPlane: string) => string {
  const all = meshConfigs({ aux: () => configs });
  const [only, ...more] = all;
  if (only === undefined) return () => '';
  if (more.length === 0) return () => readFact(only).interceptionMode;
  const tags = revisionTags(webhooks);
  const modes = new Map<string, string>();
  for (const config of all) {
    const { interceptionMode } = readFact(config);
    const revision = revisionOfConfig(config.meta.name);
    if (revision === null) continue;
    for (const group of groupsOfRevision(revision, tags)) modes.set(group, interceptionMode);
  }
  return (ofPlane) => modes.get(ofPlane) ?? '';
}

function read(found: AuxFact | undefined): MeshConfig {
  const mesh = text(field(field(found?.raw, 'data'), 'mesh'));
  const value = (...keys: readonly string[]): string | undefined => yamlValue(mesh, ...keys);
  const items = (key: string): readonly string[] => yamlItems(mesh, key);
  return {
    rootNamespace: value('rootNamespace') ?? found?.meta.namespace ?? 'istio-system',
    trustDomain: value('trustDomain') ?? DEFAULT_TRUST_DOMAIN,
    trustDomainAliases: items('trustDomainAliases'),
    pathForm: PATH_FORMS.get(value('pathNormalization', 'normalization') ?? '') ?? 'normal',
    registryOnly:
      found !== undefined && value('outboundTrafficPolicy', 'mode') === 'REGISTRY_ONLY' ? objectRef(found.meta) : null,
    interceptionMode: value('defaultConfig', 'interceptionMode') ?? '',
    providers: items('extensionProviders').flatMap((one) => yamlValue(one, 'name') ?? []),
    autoMtls: value('enableAutoMtls') !== 'false',
    exportDefaults: {
      service: exportDefault(items('defaultServiceExportTo')),
      virtualService: exportDefault(items('defaultVirtualServiceExportTo')),
      destinationRule: exportDefault(items('defaultDestinationRuleExportTo')),
    },
    discovery: discoverySelectors(items('discoverySelectors')),
    known: found !== undefined,
  };
}

/** Where one cannot be read none counts. */
function discoverySelectors(written: readonly string[]): readonly Selector[] {
  const problems = new ProblemList(null);
  const found = written.map((one) => {
    const matchLabels = bareMap<Json>();
    for (const key of yamlKeys(one, 'matchLabels')) matchLabels[key] = yamlValue(one, 'matchLabels', key) ?? '';
    const matchExpressions = yamlItems(one, 'matchExpressions').map((expression) => {
      const values = yamlItems(expression, 'values');
      const test = { key: yamlValue(expression, 'key') ?? '', operator: yamlValue(expression, 'operator') ?? '' };
      return values.length === 0 ? test : { values, ...test };
    });
    return readLabelSelector({ matchLabels, matchExpressions }, 'namespace', '', problems);
  });
  return problems.failed ? [] : found;
}

/** Whether the control plane looks into a namespace (IM-68). */
export function isDiscovered(
  { discovery }: MeshConfig,
  namespace: string,
  { namespaces }: Pick<CompileEnv, 'namespaces'>,
): boolean {
  if (discovery.length === 0) return true;
  const labels = namespaces.get(namespace)?.meta.labels ?? {};
  return discovery.some((selector) => holdsFor(selector, labels));
}

function exportDefault(targets: readonly string[]): ExportDefault {
  if (targets.includes('.')) return 'own';
  return targets.length === 0 || targets.includes('*') ? 'all' : 'none';
}

const readFact = oncePer((found: AuxFact) => read(found));
const UNSET = read(undefined);
