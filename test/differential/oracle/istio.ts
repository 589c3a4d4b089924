import type { OraclePod } from './cluster.js';
import { mutualTls } from './istio-authentication.js';
import { anyRuleHolds, policiesFor } from './istio-authorization.js';
import { servesGateway } from './istio-listeners.js';
import { configOf, isStrange, membership, seenBy, withMachines } from './istio-mesh.js';
import { isPlain } from './istio-sidecars.js';
import { every, opposite, some, truth, type Truth } from './istio-truth.js';
import type { Scene } from './network-policy.js';
import { requestsLike } from './requests.js';

/** How likely a refusal is: by mutual TLS, by CUSTOM, which nobody can tell, by DENY, or for want of an ALLOW. */
function meshRefuses(workload: OraclePod, scene: Scene): Truth {
  const isAmbient = membership(workload, scene) === 'ambient';
  const port = scene.packet.port ?? 0;
  const member = scene.packet.source.type === 'pod' ? membership(scene.packet.source, scene) : 'none';
  const unproven: Truth = member === 'none' ? 'yes' : member === 'partly' ? 'open' : 'no';
  const anonymous = some([unproven, isPlain(scene)]);
  const isStrict = mutualTls(scene, port) === 'STRICT' && !servesGateway(workload, scene);
  const refusals: Truth[] = [every([truth(isStrict), anonymous])];
  if (!isAmbient) {
    // IM-23: nobody can tell what an authorizer says; one that is not there lets nothing pass.
    const custom = anyRuleHolds(policiesFor('CUSTOM', workload, scene), 'CUSTOM', false, scene);
    const isRefused = custom === 'yes' && configOf(scene).hasAuthorizer === false;
    if (custom !== 'no') refusals.push(isRefused ? 'yes' : 'open');
  }
  const denied = anyRuleHolds(policiesFor('DENY', workload, scene), 'DENY', isAmbient, scene);
  // A DENY that asks about requests refuses until the request is told.
  refusals.push(denied === 'by-request' ? 'open' : denied);
  const allowing = policiesFor('ALLOW', workload, scene);
  if (allowing.length > 0) {
    const closes = some(allowing.map(({ holds }) => holds));
    refusals.push(every([closes, opposite(anyRuleHolds(allowing, 'ALLOW', isAmbient, scene))]));
  }
  return some(refusals) === 'by-request' && refusals.includes('open') ? 'open' : some(refusals);
}

/** A doubt about the client's identity is one, however many rules ask: what is so both ways is so. */
function surelyRefuses(workload: OraclePod, scene: Scene): Truth {
  const known = meshRefuses(workload, scene);
  if (!isStrange(scene)) return known;
  return known === meshRefuses(workload, fromNobody(scene)) && known !== 'by-request' ? known : 'open';
}

/** The same from somebody at the client's address who is not known. */
function fromNobody(scene: Scene): Scene {
  const { addresses } = scene.packet.source;
  return { ...scene, packet: { ...scene.packet, source: { type: 'outside', addresses } } };
}

/** IM-64, IM-65: what no proxy looks at. */
function goesAround(mode: string, { packet: { source, destination, port } }: Scene): boolean {
  if (mode !== 'ambient') return [15020, 15021, 15090].includes(port ?? 0);
  const node = source.type === 'node' ? source.name : source.type === 'pod' && source.hostNetwork ? source.node : '';
  const home = destination.type === 'pod' ? destination.node : '';
  return node !== '' && node === home;
}

/** IM-6: the mesh decides at the destination, and about TCP only. */
export function meshVerdict(asked: Scene): 'allow' | 'deny' | 'unknown' | 'conditional' {
  const whole = withMachines(asked);
  const { destination, protocol } = whole.packet;
  if (protocol !== 'TCP' || destination.type !== 'pod') return 'allow';
  const scene = seenBy(destination, whole);
  const mode = membership(destination, scene);
  if (mode === 'none') return 'allow';
  if (goesAround(mode, scene)) return 'allow';
  const refuses = surelyRefuses(destination, scene);
  if (refuses === 'open' && requestsLike(scene).some((one) => surelyRefuses(destination, one) === 'no')) {
    return 'conditional';
  }
  // What may go around the sidecar may pass, whatever the policy.
  const seen: Truth = mode === 'partly' && refuses === 'yes' ? 'open' : refuses;
  return ({ yes: 'deny', no: 'allow', open: 'unknown', 'by-request': 'conditional' } as const)[seen];
}
