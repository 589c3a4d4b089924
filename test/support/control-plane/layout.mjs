// Versions of the test control plane and where its binaries live. Shared by the builder (build.mjs, run by plain Node
// before anything is compiled) and by the tests (control-plane.ts), so the two cannot disagree.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

export const VERSIONS = Object.freeze({
  etcd: '3.7.3',
  kubernetes: '1.37.2',
  kwok: '0.8.0',
  helm: '3.22.0',
});

/** Schemas that others publish, by the name that tests ask for: the Go module that ships it, and its files there. */
export const SCHEMAS = Object.freeze({
  'OSCAL 1.1.3': {
    module: 'github.com/defenseunicorns/go-oscal@v0.6.3',
    files: ['src/internal/schemas/oscal_complete_schema-1-1-3.json'],
  },
  JUnit: { module: 'github.com/yannh/kubeconform@v0.8.0', files: ['fixtures/junit.xsd'] },
  OpenReports: {
    module: 'github.com/openreports/reports-api@v0.2.1',
    files: ['config/crd/openreports.io_clusterreports.yaml'],
  },
  Kyverno: {
    module: 'github.com/kyverno/kyverno@v1.19.1',
    files: [
      'config/crds/kyverno/kyverno.io_clusterpolicies.yaml',
      'config/crds/policies.kyverno.io/policies.kyverno.io_generatingpolicies.yaml',
      'config/crds/policies.kyverno.io/policies.kyverno.io_validatingpolicies.yaml',
    ],
  },
  Gatekeeper: {
    module: 'github.com/open-policy-agent/gatekeeper/v3@v3.23.1',
    files: [
      'config/crd/bases/constrainttemplate-customresourcedefinition.yaml',
      'config/crd/bases/syncset.gatekeeper.sh_syncsets.yaml',
    ],
  },
});

/** Everything startControlPlane() may run. helm is extra: only chart tests want it. */
export const BINARIES = Object.freeze([
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
]);

/** Behaviour files of the simulated nodes and pods, copied from kwok's own module when it is built. */
export const KWOK_STAGES = 'stages.yaml';

/** One directory per set of versions: a version bump builds anew beside the old set, and never mixes the two. */
export function controlPlaneDir(env = process.env) {
  const versions = Object.entries(VERSIONS).map(([name, version]) => `${name}-${version}`);
  return join(cacheDir(env), 'control-plane', versions.join('_'));
}

function cacheDir(env) {
  return env.NETPOL_ATLAS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'netpol-atlas');
}

export function binDir(env = process.env) {
  return join(controlPlaneDir(env), 'bin');
}

export function kwokStagesFile(env = process.env) {
  return join(controlPlaneDir(env), 'kwok', KWOK_STAGES);
}

/** Names of the parts not built yet; empty when everything is there. */
export function missingParts({ withHelm = false, env = process.env } = {}) {
  const names = withHelm ? [...BINARIES, 'helm'] : BINARIES;
  const missing = names.filter((name) => !isUsable(join(binDir(env), name), constants.X_OK));
  if (!isUsable(kwokStagesFile(env), constants.R_OK)) missing.push('kwok stages');
  return missing;
}

/** Where the files of a schema are, each under the version of its module. */
export function schemaFiles(name, env = process.env) {
  const { module, files } = SCHEMAS[name];
  return files.map((file) => join(cacheDir(env), 'schemas', module.replaceAll('/', '_'), basename(file)));
}

/** Names of the schemas that are not there yet. */
export function missingSchemas(env = process.env) {
  return Object.keys(SCHEMAS).filter((name) => !schemaFiles(name, env).every((path) => isUsable(path, constants.R_OK)));
}

function isUsable(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
