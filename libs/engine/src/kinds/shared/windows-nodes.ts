import { not } from '../../model/index.js';
import type { Selector, Semantics } from '../../model/index.js';

/** Whether Felix runs on nodes with Windows, where it leaves out rules that HNS has no form for (CAL-73). */
export const hasWindowsAgents = ({ options }: Pick<Semantics, 'options'>): boolean =>
  options['windows-agents'] === 'true';

/** What runs on a node with Windows. */
export const ON_WINDOWS: Selector = {
  type: 'label',
  owner: 'node',
  key: 'kubernetes.io/os',
  op: 'in',
  values: ['windows'],
};

/** What does not. */
export const NOT_ON_WINDOWS: Selector = not(ON_WINDOWS);
