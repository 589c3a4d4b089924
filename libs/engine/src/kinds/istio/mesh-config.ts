import { field, text, yamlValue } from '../../base/index.js';
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

const KNOWN = new WeakMap<AuxFact, MeshConfig>();

/** Reads ConfigMap `istio`, whose `mesh` is YAML of plain values and lists of them as far as we need it. */
export function readMeshConfig(env: Pick<CompileEnv, 'aux'>): MeshConfig {
  const found = env.aux('ConfigMap').find((fact) => fact.meta.name === 'istio');
  if (found === undefined) return UNSET;
  let known = KNOWN.get(found);
  if (known === undefined) KNOWN.set(found, (known = read(found)));
  return known;
}

function read(found: AuxFact | undefined): MeshConfig {
  const mesh = text(field(field(found?.raw, 'data'), 'mesh'));
  const value = (...keys: readonly string[]): string | undefined => yamlValue(mesh, ...keys);
  return {
    rootNamespace: value('rootNamespace') ?? found?.meta.namespace ?? 'istio-system',
    trustDomain: value('trustDomain') ?? DEFAULT_TRUST_DOMAIN,
    trustDomainAliases: listOf(mesh, 'trustDomainAliases'),
    pathForm: PATH_FORMS.get(value('pathNormalization', 'normalization') ?? '') ?? 'normal',
    registryOnly:
      found !== undefined && value('outboundTrafficPolicy', 'mode') === 'REGISTRY_ONLY' ? objectRef(found.meta) : null,
    interceptionMode: value('defaultConfig', 'interceptionMode') ?? '',
    autoMtls: value('enableAutoMtls') !== 'false',
    exportDefaults: {
      service: exportDefault(listOf(mesh, 'defaultServiceExportTo')),
      virtualService: exportDefault(listOf(mesh, 'defaultVirtualServiceExportTo')),
      destinationRule: exportDefault(listOf(mesh, 'defaultDestinationRuleExportTo')),
    },
    known: found !== undefined,
  };
}

function exportDefault(targets: readonly string[]): ExportDefault {
  if (targets.includes('.')) return 'own';
  return targets.length === 0 || targets.includes('*') ? 'all' : 'none';
}

/** A list, in lines of their own or in brackets. */
function listOf(mesh: string, key: string): readonly string[] {
  const found = new RegExp(`^${key}:[ \\t]*(?:\\[([^\\]]*)\\]|((?:\\n[ \\t]*-[^\\n]*)+))`, 'm').exec(mesh);
  const items = (found?.[1] ?? found?.[2] ?? '').replace(/#.*/g, '');
  return items.match(/[\w.*~][\w.*-]*/g) ?? [];
}

const UNSET = read(undefined);
