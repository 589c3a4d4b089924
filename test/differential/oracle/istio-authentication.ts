import { namespaceOf, type OraclePod } from './cluster.js';
import { get, has, labelMap, str } from './fields.js';
import { configOf, membership, oldestFirst, seenBy } from './istio-mesh.js';
import type { Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

type Mode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

const authentications = (scene: Scene): readonly unknown[] =>
  oldestFirst(scene.cluster.objects.get('PeerAuthentication.security.istio.io') ?? []);

const labelsWanted = (one: unknown): ReadonlyMap<string, string> =>
  labelMap(get(one, 'spec', 'selector', 'matchLabels'));
const setMode = (value: unknown): Mode | null => {
  const mode = str(get(value, 'mode'));
  return mode === '' || mode === 'UNSET' ? null : (mode as Mode);
};

/** IM-28 to IM-32: the workload's own policy, else its namespace's, else the mesh's; of two, the older one. */
export function mutualTls(asked: Scene, port: number): Mode {
  const workload = asked.packet.destination as OraclePod;
  const scene = seenBy(workload, asked);
  const { root } = configOf(scene);
  const all = authentications(scene);
  const own = all.find(
    (one) =>
      labelsWanted(one).size > 0 &&
      namespaceOf(one) === workload.namespace &&
      namespaceOf(one) !== root &&
      selectorMatches(get(one, 'spec', 'selector'), workload.labels),
  );
  const isAmbient = membership(workload, scene) === 'ambient';
  // IM-60: ztunnel is told of none of the root namespace that has a selector, but there.
  const isTold = (one: unknown): boolean =>
    !isAmbient || workload.namespace === root || namespaceOf(one) !== root || !has(get(one, 'spec'), 'selector');
  const whole = (namespace: string): unknown =>
    all.find((one) => labelsWanted(one).size === 0 && namespaceOf(one) === namespace && isTold(one));
  const ofNamespace = workload.namespace === root ? undefined : whole(workload.namespace);
  const ofPort = setMode(get(own, 'spec', 'portLevelMtls', String(port)));
  const ofWorkload = setMode(get(own, 'spec', 'mtls'));
  const homeMode = setMode(get(ofNamespace, 'spec', 'mtls'));
  const rootMode = setMode(get(whole(root), 'spec', 'mtls'));
  const inherited = homeMode ?? rootMode ?? 'PERMISSIVE';
  const mode = ofPort ?? ofWorkload ?? inherited;
  if (!isAmbient) return mode;
  const ofPorts = Object.values(get(own, 'spec', 'portLevelMtls') ?? {}).map(setMode);
  const ztunnelKeepsStrict = ofWorkload === null && inherited === 'STRICT' && !ofPorts.includes('PERMISSIVE');
  if (ztunnelKeepsStrict) return 'STRICT';
  // IM-56: what istiod makes nothing of for ztunnel.
  const lost =
    rootMode === 'STRICT' &&
    homeMode === null &&
    ((ofWorkload !== null && ofWorkload !== 'STRICT' && ofPorts.includes('STRICT')) ||
      (ofWorkload === null && ofNamespace !== undefined && ofPorts.includes('PERMISSIVE')));
  return lost ? 'PERMISSIVE' : mode;
}
