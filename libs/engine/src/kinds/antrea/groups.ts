import { field, isObject, oncePer, pointer } from '../../base/index.js';
import { kindId } from '../../model/index.js';
import type { AuxFact, Diagnostic } from '../../model/index.js';
import { describe, ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import type { RawGroup } from './antrea.raw.js';
import {
  countFields,
  isMulticast,
  readBlock,
  readItems,
  readReference,
  readWorkloads,
  warnUnknownFields,
} from './fields.parse.js';

const CLUSTER_GROUP = 'ClusterGroup.crd.antrea.io';
const GROUP = 'Group.crd.antrea.io';

const FIELDS = [
  'podSelector',
  'namespaceSelector',
  'externalEntitySelector',
  'serviceReference',
  'ipBlock',
  'ipBlocks',
  'childGroups',
] as const;

interface ReadGroup {
  readonly fact: AuxFact;
  readonly raw: RawGroup;
  /** Refused for what it says itself, whatever other groups say. */
  readonly refused: boolean;
  readonly problems: ProblemList;
}

export interface AntreaGroups {
  /**
   * The group as a rule or an appliedTo finds it; null when there is none or Antrea refuses it. `namespace` is '' for a
   * ClusterGroup.
   */
  find(namespace: string, name: string): RawGroup | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The groups of a snapshot, read once. */
export const readGroups = oncePer((env: CompileEnv): AntreaGroups =>
  read([...env.aux(CLUSTER_GROUP), ...env.aux(GROUP)]),
);

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

function read(facts: readonly AuxFact[]): AntreaGroups {
  const groups = new Map<string, ReadGroup>();
  for (const fact of facts) {
    const problems = new ProblemList(fact.meta);
    const raw = readGroup(fact, problems);
    groups.set(keyOf(fact.meta.namespace, fact.meta.name), { fact, raw, refused: problems.failed, problems });
  }
  const tooDeep = checkNesting(groups);
  return {
    find(namespace, name) {
      const found = groups.get(keyOf(namespace, name));
      return found === undefined || found.refused || tooDeep.has(found) ? null : found.raw;
    },
    diagnostics: [...groups.values()].flatMap(({ problems }) => problems.diagnostics),
  };
}

const nests = (group: ReadGroup): boolean => group.raw.type === 'children' && group.raw.names.length > 0;

/**
 * A group with children must not be a child itself (AT-32). Which of the two the API server refused depends on which
 * came first, so both are told; Antrea realises the inner one and leaves the outer one without members.
 */
function checkNesting(groups: ReadonlyMap<string, ReadGroup>): ReadonlySet<ReadGroup> {
  const tooDeep = new Set<ReadGroup>();
  for (const parent of groups.values()) {
    if (parent.raw.type !== 'children') continue;
    for (const [index, name] of parent.raw.names.entries()) {
      const child = groups.get(keyOf(parent.fact.meta.namespace, name));
      if (child === undefined || !nests(child)) continue;
      tooDeep.add(parent);
      const at = pointer('/spec/childGroups', index);
      parent.problems.error('antrea.group_nesting', at, `\`${name}\` has child groups itself and cannot be one`);
      const message = `it is a child of \`${parent.fact.meta.name}\` and cannot have child groups`;
      child.problems.error('antrea.group_nesting', '/spec/childGroups', message);
    }
  }
  return tooDeep;
}

/** Reads a group as admission would accept it (AT-30, AT-31). */
function readGroup(fact: AuxFact, problems: ProblemList): RawGroup {
  const spec = field(fact.raw, 'spec');
  const at = '/spec';
  if (!isObject(spec)) {
    problems.error('antrea.group_spec', at, `expected an object, found ${describe(spec)}`);
    return { type: 'children', names: [] };
  }
  const cluster = kindId(fact.meta) === CLUSTER_GROUP;
  const known = cluster ? FIELDS : FIELDS.filter((name) => name !== 'ipBlock');
  warnUnknownFields(spec, known, at, problems);
  const count = countFields(spec, known);
  const selectors = countFields(spec, ['podSelector', 'externalEntitySelector']);
  const pair = count === 2 && selectors === 1 && field(spec, 'namespaceSelector') !== undefined;
  if (count > 1 && !pair) {
    const allowed = 'a group holds one of a selector, `serviceReference`, `ipBlocks` and `childGroups`';
    problems.error('antrea.group_mixed', at, `${allowed}; only \`namespaceSelector\` may stand beside a selector`);
  }
  if (countFields(spec, ['childGroups']) > 0) return readChildren(spec, problems);
  if (countFields(spec, ['ipBlock', 'ipBlocks']) > 0) return readBlocks(spec, problems);
  const reference = field(spec, 'serviceReference');
  if (reference === undefined) return { type: 'workloads', selectors: readWorkloads(spec, at, problems) };
  return { type: 'service', ...readReference(reference, pointer(at, 'serviceReference'), problems) };
}

function readChildren(spec: unknown, problems: ProblemList): RawGroup {
  const names: string[] = [];
  for (const [index, name] of readItems(field(spec, 'childGroups'), '/spec/childGroups', problems).entries()) {
    if (typeof name === 'string' && name !== '') names.push(name);
    else {
      const at = pointer('/spec/childGroups', index);
      problems.error('antrea.group_child', at, `expected the name of a group, found ${describe(name)}`);
    }
  }
  return { type: 'children', names };
}

function readBlocks(spec: unknown, problems: ProblemList): RawGroup {
  const single = field(spec, 'ipBlock');
  const items = [
    ...(single === undefined ? [] : [{ value: single, at: '/spec/ipBlock' }]),
    ...readItems(field(spec, 'ipBlocks'), '/spec/ipBlocks', problems).map((value, index) => ({
      value,
      at: pointer('/spec/ipBlocks', index),
    })),
  ];
  const blocks = items.flatMap(({ value, at }) => readBlock(value, at, problems) ?? []);
  const multicast = blocks.filter((block) => isMulticast(block.cidr)).length;
  if (multicast > 0 && multicast < blocks.length) {
    problems.error(
      'antrea.multicast_mixed',
      '/spec/ipBlocks',
      'multicast and unicast blocks cannot stand in one group',
    );
  }
  return { type: 'blocks', blocks };
}
