import { list, path, text } from '../../base/index.js';
import { ALL, or } from '../../model/index.js';
import type { AuxFact, ObjectMeta, Selector } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { isDiscovered, readMeshConfig } from './mesh-config.js';
import type { ExportDefault, MeshConfig } from './mesh-config.js';
import { inNamespace } from './targets.compile.js';

/** The annotation of a Service that stands for `exportTo`. */
const EXPORT_TO = 'networking.istio.io/exportTo';

/** The namespaces to whose proxies something is shown; null for all of them (IM-47). */
export type Audience = readonly string[] | null;

/** A Service, or what a ServiceEntry has in its place. */
export interface Registered {
  readonly namespace: string;
  /** Whom it is exported to. */
  readonly audience: Audience;
  /** Whether a host, which may be the ending of names, stands for it. */
  readonly isNamed: (host: string) => boolean;
}

/** That of an object with a field `exportTo`. */
export function audienceOf({ raw, meta }: AuxFact, otherwise: ExportDefault): Audience {
  return namespacesOf(list(path(raw, 'spec', 'exportTo')).map(text), meta, otherwise);
}

/** That of a Service, which says so by annotation. */
export function serviceAudience(meta: ObjectMeta, { exportDefaults }: MeshConfig): Audience {
  const said = meta.annotations[EXPORT_TO] ?? '';
  const targets = said === '' ? [] : said.split(',').map((one) => one.trim());
  return namespacesOf(targets, meta, exportDefaults.service);
}

/** The same where a control plane does not look into all namespaces: what it does not read it shows to nobody (IM-68). */
export function readAudience(meta: ObjectMeta, env: CompileEnv): Audience {
  const config = readMeshConfig(env);
  return isDiscovered(config, meta.namespace, env) ? serviceAudience(meta, config) : [];
}

function namespacesOf(targets: readonly string[], own: ObjectMeta, otherwise: ExportDefault): Audience {
  if (targets.length === 0) return { all: null, own: [own.namespace], none: [] }[otherwise];
  if (targets.includes('*')) return null;
  if (targets.includes('~')) return [];
  return [...new Set(targets.map((one) => (one === '.' ? own.namespace : one)))].sort();
}

export const isShownTo = (audience: Audience, namespace: string): boolean => audience?.includes(namespace) ?? true;

export function anyOf(audiences: readonly Audience[]): Audience {
  if (audiences.includes(null)) return null;
  return [...new Set(audiences.flatMap((one) => one ?? []))].sort();
}

export function bothOf(one: Audience, other: Audience): Audience {
  if (one === null || other === null) return one ?? other;
  return one.filter((namespace) => other.includes(namespace));
}

/** The pods of these namespaces. */
export function podsIn(audience: Audience): Selector {
  return audience === null ? ALL : or(...audience.map(inNamespace));
}
