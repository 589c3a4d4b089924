import { enforcesWhenUp, finding, flagOf, isFalse, sight } from '../detector.js';
import type { CniDetector, Sighting } from '../detector.js';
import { atLeast } from '../version.js';

/** Image date of kind v0.24.0, the first release whose kindnetd enforces. */
const FIRST_ENFORCING = 20240813;
/** Images of kind v0.23.0 and older; those between the two are development builds. */
const LAST_IGNORING = 20240513;

/** kindnet: kind's own plugin, tagged by date, or the stand-alone project, tagged by version (policy since 1.3.0). */
export const kindnetDetector: CniDetector = {
  id: 'kindnet',
  detect(view) {
    const seen = sight(view, {
      name: /^kindnet$/,
      labels: { app: 'kindnet', 'k8s-app': 'kindnet' },
      container: /^kindnet-cni$/,
      image: /(?:^|\/)kindnetd$/,
    });
    if (seen === null) return null;
    const enforces = verdict(seen);
    const detail = {
      yes: 'this image enforces NetworkPolicy',
      no: 'this image is older than kind v0.24.0 and enforces nothing',
      unknown: 'the image does not tell whether it enforces NetworkPolicy',
    }[enforces];
    return finding({
      profile: 'kindnet',
      networking: 'kindnet',
      enforces,
      version: seen.version === '' ? (/^v?(\d{8})/.exec(seen.tag)?.[1] ?? '') : seen.version,
      evidence: [...seen.evidence, { source: `image tag \`${seen.tag}\``, detail, weight: 0.7 }],
      coverage: seen.coverage,
    });
  },
};

function verdict(seen: Sighting): 'yes' | 'no' | 'unknown' {
  if (isFalse(flagOf(seen.agents, 'network-policy'))) return 'no';
  if (seen.version !== '') return atLeast(seen.version, '1.3.0') === true ? enforcesWhenUp(seen) : 'no';
  const date = Number(/^v?(\d{8})(?:-|$)/.exec(seen.tag)?.[1] ?? '0');
  if (date === 0) return 'unknown';
  if (date >= FIRST_ENFORCING) return enforcesWhenUp(seen);
  return date <= LAST_IGNORING ? 'no' : 'unknown';
}
