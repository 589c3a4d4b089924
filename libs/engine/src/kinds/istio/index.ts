import type { PolicyFrontend } from '../frontend.js';
import { compileAuthorizationPolicy } from './authorization.compile.js';
import { atEachPlane, ofEachPlane } from './control-planes.js';
import { demandedTls as demandedTlsOf } from './demanded-tls.js';
import { dryRunChange } from './dry-run.js';
import { ledElsewhere as ledElsewhereOf } from './led-elsewhere.js';
import { MESH_TIER } from './mesh-tier.js';
import { compilePeerAuthentication } from './peer-authentication.compile.js';
import { portFacts } from './port-facts.js';
import { sidecarConfines as sidecarConfinesOf } from './sidecars.js';

/** AuthorizationPolicy of Istio, security.istio.io. */
export const authorizationPolicy: PolicyFrontend = {
  kinds: ['AuthorizationPolicy.security.istio.io'],
  tiers: () => [MESH_TIER],
  auxProblems: portFacts,
  staged: dryRunChange,
  compile: atEachPlane(compileAuthorizationPolicy),
};

/** PeerAuthentication of Istio, security.istio.io. */
export const peerAuthentication: PolicyFrontend = {
  kinds: ['PeerAuthentication.security.istio.io'],
  tiers: () => [MESH_TIER],
  compile: atEachPlane(compilePeerAuthentication),
};

/** What sidecars refuse their own pods: what they do not see, what routes lead elsewhere, and servers that know no mutual TLS. */
export const sidecarConfines = ofEachPlane(sidecarConfinesOf);
export const ledElsewhere = ofEachPlane(ledElsewhereOf);
export const demandedTls = ofEachPlane(demandedTlsOf);

export {
  EVERY_MEMBER,
  isAmbientWorkload,
  isCarried,
  machineGroups,
  enrolAlike,
  meshGroups,
  meshMembers,
  standsForIdentity,
} from './enrolment.js';
export { carriedByMesh, HBONE, namesPorts } from './hbone.js';
export { DESTINATION_RULE, readDestinationRules, subsetLabels } from './destination-rules.js';
export type { DestinationRules } from './destination-rules.js';
export { audienceOf, isShownTo, serviceAudience } from './export-to.js';
export { interceptionModes, readMeshConfig, tellsOfRevisions } from './mesh-config.js';
export type { MeshConfig } from './mesh-config.js';
export { gatewayRoutes, serviceOfHost } from './virtual-service.js';
export type { GatewayRoute } from './virtual-service.js';
export { GATEWAY_NAME } from './targets.compile.js';
export { hostTest, passes } from './text-match.js';
export { DETOUR_TIER, waypointDetours } from './waypoints.js';
export { entryLabels, machineEntries, SERVICE_ENTRY, WORKLOAD_ENTRY } from './workload-entries.js';
export type { MachineEntry } from './workload-entries.js';
export { MESH_TIER } from './mesh-tier.js';
