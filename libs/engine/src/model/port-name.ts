import type { ContainerPort } from './fact.js';
import type { PortMatch } from './policy.js';

type NamedMatch = Extract<PortMatch, { type: 'named' }>;

/** Whether a port has the name that a rule says, and is one of those whose names count. */
export function isNamedBy(port: ContainerPort, { name, protocol, containers }: NamedMatch): boolean {
  return port.name === name && (protocol === null || protocol === port.protocol) && hasName(port, containers);
}

/** Whether the name of a port counts. (NP-53) */
export function hasName({ init, sidecar }: ContainerPort, containers: NamedMatch['containers']): boolean {
  if (containers === 'all') return true;
  return !init && (containers !== 'main' || sidecar !== true);
}
