import type { Grant } from './access.js';
import type { Role } from './actions.js';
import { isEverything, matchesGlob, type NameSet } from './name-set.js';

/** Roles that a role includes. */
const INCLUDES: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  auditor: ['viewer', 'auditor'],
  admin: ['viewer', 'operator', 'auditor', 'admin'],
};

/** Whether somebody with grants `own` may hand on `wanted`: nobody gives what they have not. */
export function mayHandOn(own: readonly Grant[], wanted: Grant): boolean {
  return own.some(
    (grant) =>
      INCLUDES[grant.role].includes(wanted.role) &&
      covers(grant.clusters, wanted.clusters) &&
      covers(grant.namespaces, wanted.namespaces),
  );
}

function covers(own: NameSet, wanted: NameSet): boolean {
  if (isEverything(own)) return true;
  const isGlob = (name: string): boolean => /[*?]/.test(name);
  const hasName = (name: string): boolean =>
    own.names.includes(name) || (!isGlob(name) && own.names.some((glob) => matchesGlob(glob, name)));
  const hasLabels = wanted.labels === null || JSON.stringify(own.labels) === JSON.stringify(wanted.labels);
  return hasLabels && wanted.names.every(hasName);
}
