import { ALL } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import { hasWindowsAgents, NOT_ON_WINDOWS } from '../shared/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawEntity, RawRule } from './calico.raw.js';
import { excludesBySelector } from './peers.compile.js';
import { namesOf } from './ports.compile.js';

/** For whom a rule is there: not for workloads on Windows, where it has a part that Felix has no form for. (CAL-73) */
export function whereThereIs(rule: RawRule, namespace: string, { env }: CalicoContext): Selector {
  return hasWindowsAgents(env.semantics) && isLeftOut(rule, namespace) ? NOT_ON_WINDOWS : ALL;
}

/** What is excluded, types of ICMP, and names of ports. */
function isLeftOut(rule: RawRule, namespace: string): boolean {
  const { notProtocol, icmp, notIcmp, isIcmpOpen, source, destination } = rule;
  const hasType = notProtocol !== null || icmp !== null || notIcmp !== null || isIcmpOpen;
  return hasType || [source, destination].some((side) => excludesOrNames(side, namespace));
}

function excludesOrNames(side: RawEntity, namespace: string): boolean {
  const { notNets, notPorts, ports } = side;
  return notNets.length + notPorts.length + namesOf(ports).length > 0 || excludesBySelector(side, namespace);
}
