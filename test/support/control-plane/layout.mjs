// Versions of the test control plane and where its binaries live. Shared by the builder (build.mjs, run by plain Node
// before anything is compiled) and by the tests (control-plane.ts), so the two cannot disagree.
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const VERSIONS = Object.freeze({
  etcd: '3.7.3',
  kubernetes: '1.37.2',
  kwok: '0.8.0',
  helm: '3.22.0',
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
  const cache = env.NETPOL_ATLAS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'netpol-atlas');
  const versions = Object.entries(VERSIONS).map(([name, version]) => `${name}-${version}`);
  return join(cache, 'control-plane', versions.join('_'));
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

function isUsable(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
