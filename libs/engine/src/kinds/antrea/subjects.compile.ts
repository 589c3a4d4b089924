import { pointer } from '../../base/index.js';
import { and, NONE, or } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { podSubject } from '../shared/index.js';
import type { RawAppliedTo } from './antrea.raw.js';
import { isOn } from './feature-gates.js';
import { readGroups } from './groups.js';
import { groupSubjects, reachesOut, workloadSubjects } from './workloads.compile.js';
import type { Scope } from './workloads.compile.js';

/** Who rules apply to: workloads and nodes, or Services by `namespace/name`. */
export interface Subjects {
  readonly selector: Selector;
  readonly services: readonly string[];
}

/** Compiles an `appliedTo` list, whose entries add up (AT-13 to AT-19). */
export function compileSubjects(
  entries: readonly RawAppliedTo[],
  scope: Scope,
  at: string,
  problems: ProblemList,
): Subjects {
  const selectors: Selector[] = [];
  const services: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.type === 'service') services.push(`${entry.namespace}/${entry.name}`);
    else selectors.push(compileEntry(entry, scope, pointer(at, index), problems));
  }
  return { selector: or(...selectors), services: services.sort() };
}

type Entry = Exclude<RawAppliedTo, { type: 'service' }>;

function compileEntry(entry: Entry, scope: Scope, at: string, problems: ProblemList): Selector {
  const { semantics } = scope.env;
  const pods = (tests: Selector): Selector => podSubject(semantics, tests);
  switch (entry.type) {
    case 'workloads':
      return workloadSubjects(entry.selectors, scope, pods);
    case 'serviceAccount':
      return podSubject(
        semantics,
        { type: 'namespace', names: [entry.namespace] },
        { type: 'serviceAccount', names: [entry.name] },
      );
    case 'nodes':
      return nodeSubjects(entry.selector, scope, at, problems);
    case 'group':
      checkGroup(entry.name, scope, pointer(at, 'group'), problems);
      return groupSubjects(entry.name, scope, pods);
  }
}

/** Node policies also hold for pods on the node's network (AT-18). */
function nodeSubjects(selector: Selector, scope: Scope, at: string, problems: ProblemList): Selector {
  if (isOn('NodeNetworkPolicy', scope.env.semantics))
    return and({ type: 'kind', kinds: ['hostpod', 'node'] }, selector);
  problems.unsupported('antrea.node_gate', pointer(at, 'nodeSelector'), 'feature gate NodeNetworkPolicy is off');
  return NONE;
}

function checkGroup(name: string, scope: Scope, at: string, problems: ProblemList): void {
  if (readGroups(scope.env).find(scope.namespace, name) === null) {
    problems.suspect('antrea.group_missing', at, `group \`${name}\` does not exist or is refused: it selects nothing`);
  } else if (scope.namespace !== '' && reachesOut(name, scope)) {
    const message = `group \`${name}\` may hold pods of other namespaces, so Antrea does not realise the policy`;
    problems.error('antrea.group_reaches_out', at, message);
  }
}
