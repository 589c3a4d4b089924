import { groupBy, text } from '../../base/index.js';
import type { CompileEnv } from '../frontend.js';
import { felixSetting, GLOBAL } from './felix-configuration.js';

/** Hosts that drop what their own pods send to them. */
export interface ClosedHosts {
  readonly hosts: 'all' | readonly string[];
  /** The FelixConfiguration that says so. */
  readonly configuration: string;
}

/**
 * By `defaultEndpointToHostAction` of each host; the environment of the agents, which the detection of the CNI has read
 * with what is said of all hosts, beats what is said of some. (CAL-53, CAL-55)
 */
export function hostsClosedToPods(env: CompileEnv): readonly ClosedHosts[] {
  const { options } = env.semantics;
  const usual = options['default-endpoint-to-host-action'] === 'drop';
  const everywhere: readonly ClosedHosts[] = usual ? [{ hosts: 'all', configuration: GLOBAL }] : [];
  if (options['host-action-of'] === 'environment') return everywhere;
  const settings = env.nodes.map(({ meta }) => {
    const { value, name } = felixSetting(env, meta.name, 'defaultEndpointToHostAction');
    return { host: meta.name, name, drops: name === GLOBAL ? usual : text(value).toLowerCase() === 'drop' };
  });
  if (settings.every(({ name }) => name === GLOBAL)) return everywhere;
  const closed = groupBy(
    settings.filter(({ drops }) => drops),
    ({ name }) => name,
  );
  return [...closed].map(([configuration, alike]) => ({ hosts: alike.map(({ host }) => host).sort(), configuration }));
}
