import { oncePer, path } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { atLeast } from '../../cni/version.js';
import type { AuxFact, Labels, ObjectRef } from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import type { CalicoSelector } from './selector.ast.js';
import { readSelector } from './selector.read.js';
import { selects } from './selector.static.js';

export const FELIX_CONFIGURATION = 'FelixConfiguration.projectcalico.org';

/** The one of all hosts. */
export const GLOBAL = 'default';
const OF_A_HOST = 'node.';

/** A setting of Felix with the object that it is from; that of all hosts stands for what none sets. */
export interface FelixSetting {
  readonly value: Json | undefined;
  readonly name: string;
}

/** What one field says of a host: its own object first, then the one that selects its node, then that of all. (CAL-55) */
export function felixSetting(env: CompileEnv, host: string, name: string): FelixSetting {
  const { named, selecting, labels } = configurations(env);
  const ofNode = labels.get(host);
  const chosen = ofNode && selecting.find(({ selector }) => selects(selector, ofNode));
  for (const fact of [named.get(OF_A_HOST + host), chosen?.fact, named.get(GLOBAL)]) {
    const value = path(fact?.raw, 'spec', name);
    if (fact !== undefined && value !== undefined) return { value, name: fact.meta.name };
  }
  return { value: undefined, name: GLOBAL };
}

/** The object that a setting is from, also where it is the default of what nobody wrote. */
export function felixConfiguration(env: CompileEnv, name = GLOBAL): ObjectRef {
  const group = configurations(env).named.get(name)?.meta.group ?? 'projectcalico.org';
  return { group, kind: 'FelixConfiguration', namespace: '', name };
}

interface Configurations {
  readonly named: ReadonlyMap<string, AuxFact>;
  /** The oldest first: of several that select a node it holds, whether or not it says something. */
  readonly selecting: readonly { readonly fact: AuxFact; readonly selector: CalicoSelector }[];
  /** Of nodes, by name. */
  readonly labels: ReadonlyMap<string, Labels>;
}

const configurations = oncePer((env: CompileEnv): Configurations => {
  const all = env.aux(FELIX_CONFIGURATION);
  const age = ({ meta }: AuxFact): string => `${meta.createdAt} ${meta.name}`;
  return {
    named: new Map(all.toReversed().map((fact) => [fact.meta.name, fact])),
    selecting: selectsNodes(env) ? all.toSorted((a, b) => (age(a) < age(b) ? -1 : 1)).flatMap(withSelector) : [],
    labels: new Map(env.nodes.map(({ meta }) => [meta.name, meta.labels])),
  };
});

const selectsNodes = ({ semantics }: CompileEnv): boolean =>
  atLeast(semantics.options['version'] ?? '', '3.32') !== false;

function withSelector(fact: AuxFact): Configurations['selecting'] {
  const selector = nodeSelectorOf(fact, new ProblemList(fact.meta));
  return selector === null ? [] : [{ fact, selector }];
}

/** Whose configuration it is, where its name does not say; null where nobody's. */
export function nodeSelectorOf({ meta, raw }: AuxFact, problems: ProblemList): CalicoSelector | null {
  if (meta.name === GLOBAL || meta.name.startsWith(OF_A_HOST)) return null;
  return readSelector(path(raw, 'spec', 'nodeSelector'), '/spec/nodeSelector', problems);
}
