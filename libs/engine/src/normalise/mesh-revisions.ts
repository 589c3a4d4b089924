import { kindId } from '../model/index.js';

/** Of pods, namespaces, webhooks and objects of Istio: which control plane they are for. */
export const MESH_REVISION = 'istio.io/rev';
export const DEFAULT_REVISION = 'default';
/** Where revisions and their tags are told of, by labels. */
export const MESH_WEBHOOK = kindId({ group: 'admissionregistration.k8s.io', kind: 'MutatingWebhookConfiguration' });

const USUAL = 'istio';

/** The ConfigMap with the configuration that a control plane of Istio of some revision has. */
export function meshConfigName(revision: string): string {
  return revision === DEFAULT_REVISION ? USUAL : `${USUAL}-${revision}`;
}

/** The revision whose configuration a ConfigMap of this name has; null for another ConfigMap. */
export function revisionOfConfig(name: string): string | null {
  if (name === USUAL) return DEFAULT_REVISION;
  return name.startsWith(`${USUAL}-`) ? name.slice(USUAL.length + 1) : null;
}
