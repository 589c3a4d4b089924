import { field, oncePer, text, yamlItems, yamlValue } from '../../base/index.js';
import { objectRef } from '../../model/index.js';
import type { AuxFact, ObjectRef, PathReading } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';

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

/** What ConfigMap `istio` says, in the YAML of its `mesh`. */
export function readMeshConfig(env: Pick<CompileEnv, 'aux'>): MeshConfig {
  const found = env.aux('ConfigMap').find((fact) => fact.meta.name === 'istio');
  return found === undefined ? UNSET : readFact(found);
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
    known: found !== undefined,
  };
}

function exportDefault(targets: readonly string[]): ExportDefault {
  if (targets.includes('.')) return 'own';
  return targets.length === 0 || targets.includes('*') ? 'all' : 'none';
}

const readFact = oncePer((found: AuxFact) => read(found));
const UNSET = read(undefined);
