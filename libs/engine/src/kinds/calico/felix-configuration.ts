import { field, path } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { atLeast } from '../../cni/version.js';
import type { AuxFact } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { readSelector } from './selector.read.js';
import { selects } from './selector.static.js';

export const FELIX_CONFIGURATION = 'FelixConfiguration.projectcalico.org';

const GLOBAL = 'default';
const OF_A_HOST = 'node.';

/** A setting of Felix with the object that it is from; that of all hosts stands for what none sets. */
export interface FelixSetting {
  readonly value: Json | undefined;
  readonly name: string;
}

/** What one field says of a host: its own object first, then the one that selects its node, then that of all. (CAL-55) */
export function felixSetting(env: CompileEnv, host: string, name: string): FelixSetting {
  const all = env.aux(FELIX_CONFIGURATION);
  const named = (wanted: string): AuxFact | undefined => all.find(({ meta }) => meta.name === wanted);
  for (const fact of [named(OF_A_HOST + host), selecting(env, all, host), named(GLOBAL)]) {
    const value = path(fact?.raw, 'spec', name);
    if (fact !== undefined && value !== undefined) return { value, name: fact.meta.name };
  }
  return { value: undefined, name: GLOBAL };
}

/** Of several that select a node the oldest holds, whether or not it says something. */
function selecting(env: CompileEnv, all: readonly AuxFact[], host: string): AuxFact | undefined {
  if (atLeast(env.semantics.options['version'] ?? '', '3.32') === false) return undefined;
  const labels = env.nodes.find(({ meta }) => meta.name === host)?.meta.labels;
  if (labels === undefined) return undefined;
  const found = all.filter(({ meta, raw }) => {
    if (meta.name === GLOBAL || meta.name.startsWith(OF_A_HOST)) return false;
    const problems = new ProblemList(meta);
    const selector = readSelector(field(field(raw, 'spec'), 'nodeSelector'), '/spec/nodeSelector', problems);
    return selector !== null && selects(selector, labels);
  });
  const age = ({ meta }: AuxFact): string => `${meta.createdAt} ${meta.name}`;
  return found.sort((a, b) => (age(a) < age(b) ? -1 : 1))[0];
}
