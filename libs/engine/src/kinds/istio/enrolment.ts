import { and, or } from '../../model/index.js';
import type { Labels, PodShape, Selector } from '../../model/index.js';
import { DEFAULT_REVISION, MESH_REVISION } from '../../normalise/mesh-revisions.js';
import { interceptionIn, PROXY_CONFIG } from '../../normalise/read-meta.js';

/** How a pod takes part in the mesh. `partial` is a sidecar that some of the pod's traffic goes around. */
export type MeshMode = 'sidecar' | 'ambient' | 'partial';

const GROUPS: Readonly<Record<MeshMode, string>> = {
  sidecar: 'mesh:sidecar',
  ambient: 'mesh:ambient',
  partial: 'mesh:partial',
};
// Shared by all endpoints: a large cluster has very many of them.
const OUTSIDE: readonly string[] = [];
const AMBIENT: readonly string[] = [GROUPS.ambient];
const memberOf = new Map<string, readonly string[]>();
const PROXY = 'istio-proxy';
/** What runs ambient mode on each node has the container of a sidecar, and is none. */
export const ZTUNNEL = 'ztunnel';
const MODE = 'istio.io/dataplane-mode';
const INJECT = 'sidecar.istio.io/inject';
const OF_NAMESPACE = 'istio-injection';
/** Annotations that take ports, addresses or all traffic out of the sidecar's hands, with the values by which they do not. */
const AROUND: readonly (readonly [annotation: RegExp, harmless: readonly string[]])[] = [
  [/^traffic\.sidecar\.istio\.io\/exclude(?:Inbound|Outbound)(?:Ports|IPRanges)$/, ['']],
  [/^traffic\.sidecar\.istio\.io\/include(?:InboundPorts|OutboundIPRanges)$/, ['*']],
  [/^traffic\.sidecar\.istio\.io\/includeOutboundPorts$/, ['', '*']],
];
const INTERCEPTION = 'sidecar.istio.io/interceptionMode';
/** Modes in which all of a pod's traffic goes through its sidecar; '' is not told, which is REDIRECT. */
const INTERCEPTING: readonly string[] = ['', 'REDIRECT', 'TPROXY'];

/** The group of sidecars that the control plane of a revision has put there. */
export const injectedBy = (revision: string): string => `mesh:of:${revision}`;

/** The group of sidecars that are asked for by a revision, or by a tag that stands for one. */
export const askingFor = (word: string): string => `mesh:asks:${word}`;

/** The groups of the sidecars of a revision, given the tags that stand for one. */
export function groupsOfRevision(revision: string, tags: ReadonlyMap<string, string>): readonly string[] {
  const words = [...tags].filter(([, of]) => of === revision).map(([tag]) => tag);
  return [injectedBy(revision), ...(tags.has(revision) ? words : [revision, ...words]).map(askingFor)];
}

/**
 * The mesh groups that a pod belongs to, none when it is outside. A running pod has a sidecar exactly when it has the
 * container; a template or a manifest has one when its labels ask for it (IM-1 to IM-4, IM-66). `interceptionMode` is that
 * of its control plane, by the group that tells of this.
 */
export function meshGroups(
  shape: PodShape,
  namespaceLabels: Labels,
  running: boolean,
  interceptionMode: (ofPlane: string) => string = () => '',
): readonly string[] {
  if (shape.hostNetwork || shape.labels['app'] === ZTUNNEL) return OUTSIDE;
  if (hasProxy(shape) || (!running && asksForSidecar(shape, namespaceLabels))) {
    const plane = planeGroup(shape, namespaceLabels, running);
    return sidecarGroups(goesAround(shape.annotations, interceptionMode(plane)) ? 'partial' : 'sidecar', plane);
  }
  return isAmbient(shape, namespaceLabels) ? AMBIENT : OUTSIDE;
}

function sidecarGroups(mode: 'sidecar' | 'partial', plane: string): readonly string[] {
  const key = `${mode} ${plane}`;
  let groups = memberOf.get(key);
  if (groups === undefined) memberOf.set(key, (groups = [GROUPS[mode], plane]));
  return groups;
}

/** Whose sidecar it is: a running pod tells itself; else what its namespace asks for comes first. */
function planeGroup(
  { annotations, labels }: Pick<PodShape, 'annotations' | 'labels'>,
  ofNamespace: Labels,
  running: boolean,
): string {
  const told = running ? (annotations[MESH_REVISION] ?? labels[MESH_REVISION]) : undefined;
  if (told !== undefined) return injectedBy(told);
  if (ofNamespace[OF_NAMESPACE] === 'enabled') return askingFor(DEFAULT_REVISION);
  return askingFor(ofNamespace[MESH_REVISION] ?? labels[MESH_REVISION] ?? DEFAULT_REVISION);
}

/** The groups of a machine outside the cluster, which has a sidecar that takes all of its traffic. */
export function machineGroups(labels: Labels, namespaceLabels: Labels): readonly string[] {
  return sidecarGroups('sidecar', planeGroup({ annotations: {}, labels }, namespaceLabels, false));
}

/** Whether pods and templates are in the same groups under either of two sets of labels of their namespace. */
export function enrolAlike(a: Labels, b: Labels): boolean {
  return [OF_NAMESPACE, MESH_REVISION, MODE].every((key) => a[key] === b[key]);
}

function hasProxy(shape: PodShape): boolean {
  for (const { name, role } of shape.containers) {
    if (name === PROXY && (role === 'main' || role === 'sidecar')) return true;
  }
  return false;
}

function asksForSidecar(shape: PodShape, namespaceLabels: Labels): boolean {
  const own = shape.labels[INJECT] ?? shape.annotations[INJECT];
  const ofNamespace = namespaceLabels[OF_NAMESPACE];
  if (own === 'false' || ofNamespace === 'disabled') return false;
  if (own === 'true' || ofNamespace === 'enabled') return true;
  return shape.labels[MESH_REVISION] !== undefined || namespaceLabels[MESH_REVISION] !== undefined;
}

function isAmbient(shape: PodShape, namespaceLabels: Labels): boolean {
  if (shape.annotations['ambient.istio.io/redirection'] === 'enabled') return true;
  return (shape.labels[MODE] ?? namespaceLabels[MODE]) === 'ambient';
}

function goesAround(annotations: Labels, ofMesh: string): boolean {
  const mode = annotations[INTERCEPTION] ?? interceptionIn(annotations[PROXY_CONFIG] ?? '') ?? ofMesh;
  if (!INTERCEPTING.includes(mode)) return true;
  return Object.entries(annotations).some(([key, value]) =>
    AROUND.some(([annotation, harmless]) => annotation.test(key) && !harmless.includes(value)),
  );
}

/** Whether the mesh carries what a client says to a server: from ambient clients to members of the mesh. */
export function isCarried(client: readonly string[], server: readonly string[]): boolean {
  return client.includes(GROUPS.ambient) && (server.includes(GROUPS.ambient) || server.includes(GROUPS.sidecar));
}

/** Members of the mesh in the given modes. */
export function meshMembers(...modes: readonly MeshMode[]): Selector {
  return { type: 'special', names: modes.map((mode) => GROUPS[mode]) };
}

export const EVERY_MEMBER: Selector = meshMembers('sidecar', 'ambient', 'partial');

/** The groups of what ztunnel serves; what its own node says to it does not come by there (IM-65). */
export const AMBIENT_GROUPS = AMBIENT;

/** What cannot be told of `partial` members. */
export const PARTIAL_WHY = 'annotations take some of its traffic around the sidecar';

/** Members whose traffic the mesh sees, so that servers know who they are; of `partial` ones that cannot be told. */
export const SEEN_CLIENTS: Selector = or(
  meshMembers('sidecar', 'ambient'),
  and(meshMembers('partial'), { type: 'unknown', why: PARTIAL_WHY }),
);

/**
 * Whether a selector of members is one of those in `SEEN_CLIENTS`, or of them: they stand for an identity that is shown.
 * Clients that show none are told by their sidecars alone.
 */
export function standsForIdentity({ names }: Extract<Selector, { type: 'special' }>): boolean {
  return names.includes(GROUPS.ambient) || names.join() === GROUPS.partial;
}

/** Whether a workload is in the ambient mode, where its containers are those that run. */
export function isAmbientWorkload(shape: PodShape, namespaceLabels: Labels): boolean {
  return meshGroups(shape, namespaceLabels, true) === AMBIENT;
}
