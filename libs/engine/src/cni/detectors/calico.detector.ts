import { path, text } from '../../base/index.js';
import type { CniEvidence } from '../../model/index.js';
import type { ClusterView } from '../cluster-view.js';
import { annotationEvidence, enforcesWhenUp, envOf, finding, isTrue, sight } from '../detector.js';
import type { AgentPattern, CniDetector, CniFinding, Sighting } from '../detector.js';
import { readVersion } from '../version.js';

/** Felix, in the manifest's and the operator's DaemonSets, and mirrored by Rancher. */
export const CALICO_AGENT: AgentPattern = {
  name: /^calico-node(?:-windows)?$/,
  labels: { 'k8s-app': 'calico-node' },
  container: /^calico-node$/,
  image: /(?:^|\/)(?:calico\/node|cnx-node|mirrored-calico-node|hardened-calico|calico-node)$/,
};

const WINDOWS_AGENT = 'calico-node-windows';

const INSTALLED_OVER: Readonly<Record<string, string>> = {
  Calico: 'calico',
  AmazonVPC: 'aws-vpc-cni',
  AzureVNET: 'azure',
  GKE: 'gke-legacy',
};

/** Calico by manifest or by its operator, as networking or for policy only. */
export const calicoDetector: CniDetector = {
  id: 'calico',
  detect(view) {
    const seen = sight(view, CALICO_AGENT);
    if (seen === null) return withoutAgent(view);
    const operator = readInstallation(view);
    const evidence = [...seen.evidence];
    if (operator !== null) evidence.push(operator.evidence);
    const networking = networkingOf(seen, operator?.networking ?? '');
    return finding({
      profile: 'calico',
      title: operator?.enterprise === true ? 'Calico Enterprise' : '',
      networking: networking.id,
      networkingStated: networking.stated,
      enforces: enforcesWhenUp(seen),
      version: versionOf(view, seen),
      evidence,
      options: { ...calicoOptions(view, seen), ...(operator?.options ?? {}) },
      coverage: seen.coverage,
    });
  },
};

/** The version of an agent, or the one that Calico keeps in its own object. */
export function versionOf(view: ClusterView, seen: Sighting | null): string {
  if (seen !== null && seen.version !== '') return seen.version;
  return readVersion(text(path(clusterInformation(view), 'spec', 'calicoVersion')));
}

/** Felix's switches that change answers, or what its tables hold. Its environment beats FelixConfiguration, as Felix reads them. */
export function calicoOptions(view: ClusterView, seen: Sighting): Record<string, string> {
  const felix = calicoObjects(view, 'FelixConfiguration').find((object) => object.meta.name === 'default');
  const ofEnvironment = (name: string): string | null => envOf(seen.agents, `FELIX_${name.toUpperCase()}`);
  const setting = (name: string): string => {
    const written = path(felix?.raw, 'spec', name);
    const known = written === undefined || typeof written === 'object' ? '' : String(written);
    return ofEnvironment(name) ?? known;
  };
  const bpf = isTrue(setting('bpfEnabled'));
  const options: Record<string, string> = { 'bpf-enabled': String(bpf) };
  const action = setting('defaultEndpointToHostAction').toLowerCase();
  if (action !== '') options['default-endpoint-to-host-action'] = action;
  if (ofEnvironment('defaultEndpointToHostAction') !== null) options['host-action-of'] = 'environment';
  if (setting('istioAmbientMode').toLowerCase() === 'enabled') options['istio-ambient-mode'] = 'enabled';
  if (seen.agents.some(({ name }) => name === WINDOWS_AGENT)) options['windows-agents'] = 'true';
  const size = setting('maxIpsetSize');
  const hasSets = !bpf && setting('nftablesMode').toLowerCase() !== 'enabled';
  if (size !== '' && hasSets) options['max-ipset-size'] = size;
  return options;
}

interface InstallationReading {
  readonly networking: string;
  readonly enterprise: boolean;
  readonly evidence: CniEvidence;
  readonly options: Record<string, string>;
}

function readInstallation(view: ClusterView): InstallationReading | null {
  const installation = view.objects('Installation.operator.tigera.io').find((object) => object.meta.name === 'default');
  if (installation === undefined) return null;
  const type = text(path(installation.raw, 'spec', 'cni', 'type'));
  const dataplane = text(path(installation.raw, 'spec', 'calicoNetwork', 'linuxDataplane'));
  const detail = `spec.cni.type is \`${type === '' ? 'Calico' : type}\``;
  const options: Record<string, string> = {};
  if (dataplane !== '') options['linux-dataplane'] = dataplane;
  return {
    networking: INSTALLED_OVER[type === '' ? 'Calico' : type] ?? '',
    enterprise: text(path(installation.raw, 'spec', 'variant')).endsWith('Enterprise'),
    evidence: { source: 'Installation default', detail, weight: 0.9 },
    options,
  };
}

function networkingOf(seen: Sighting, installed: string): { id: string; stated: boolean } {
  if (installed !== '') return { id: installed, stated: true };
  const backend = envOf(seen.agents, 'CALICO_NETWORKING_BACKEND');
  // `none` is what the policy-only and canal manifests say.
  if (backend === 'none') return { id: '', stated: false };
  return { id: 'calico', stated: backend !== null && backend !== '' };
}

function withoutAgent(view: ClusterView): CniFinding | null {
  if (view.daemonSetsKnown) return null;
  const annotation = annotationEvidence(view, 'projectcalico.org/');
  const operator = readInstallation(view);
  const information = clusterInformation(view);
  if (annotation === null && operator === null) return null;
  const evidence: CniEvidence[] = [];
  if (annotation !== null) evidence.push(annotation);
  if (operator !== null) evidence.push(operator.evidence);
  if (information !== undefined) {
    const detail = `calicoVersion is \`${text(path(information, 'spec', 'calicoVersion'))}\``;
    evidence.push({ source: 'ClusterInformation default', detail, weight: 0.2 });
  }
  return finding({
    profile: 'calico',
    networking: operator === null ? 'calico' : operator.networking,
    networkingStated: operator !== null,
    enforces: operator !== null && annotation !== null ? 'yes' : 'unknown',
    version: versionOf(view, null),
    evidence,
    options: operator?.options ?? {},
    certainty: 0.8,
  });
}

function clusterInformation(view: ClusterView): unknown {
  return calicoObjects(view, 'ClusterInformation').find((object) => object.meta.name === 'default')?.raw;
}

/** Calico's two groups hold the same objects; the first that has any is read. */
function calicoObjects(view: ClusterView, kind: string): ReturnType<ClusterView['objects']> {
  const preferred = view.objects(`${kind}.projectcalico.org`);
  return preferred.length > 0 ? preferred : view.objects(`${kind}.crd.projectcalico.org`);
}
