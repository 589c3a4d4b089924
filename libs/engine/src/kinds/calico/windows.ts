import { ALL } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import { hasWindowsAgents, NOT_ON_WINDOWS } from '../shared/index.js';
import type { CalicoContext } from './calico.context.js';
import type { RawEntity, RawRule } from './calico.raw.js';
import { namesOf } from './ports.compile.js';

/** For whom a rule is there: not for workloads on Windows, where it has a part that Felix has no form for. (CAL-73) */
export function whereThereIs(rule: RawRule, { env }: CalicoContext): Selector {
  return hasWindowsAgents(env.semantics) && isLeftOut(rule) ? NOT_ON_WINDOWS : ALL;
}

/** What is excluded, types of ICMP, and names of ports. */
function isLeftOut({ notProtocol, icmp, notIcmp, source, destination }: RawRule): boolean {
  return notProtocol !== null || icmp !== null || notIcmp !== null || [source, destination].some(excludesOrNames);
}

function excludesOrNames({ notNets, notPorts, notSelector, ports }: RawEntity): boolean {
  return notNets.length + notPorts.length > 0 || notSelector !== null || namesOf(ports).length > 0;
}
