import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawAppliedTo } from './antrea.raw.js';
import {
  countFields,
  readItems,
  readNodeSelector,
  readReference,
  readWorkloads,
  warnUnknownFields,
} from './fields.parse.js';
import { readText } from './fields.parse.js';

const NAMESPACED = ['podSelector', 'externalEntitySelector', 'group'] as const;
const CLUSTER = [...NAMESPACED, 'namespaceSelector', 'serviceAccount', 'service', 'nodeSelector'] as const;
/** Fields that stand alone. */
const ALONE = ['group', 'nodeSelector', 'serviceAccount', 'service'] as const;

/** Nodes are chosen by the policy alone. (AT-18) */
const CLUSTER_RULE = CLUSTER.filter((key) => key !== 'nodeSelector');

/** Which schema an `appliedTo` follows. */
export type AppliedToSchema = 'namespaced' | 'cluster' | 'cluster-rule';
const SCHEMAS: Readonly<Record<AppliedToSchema, readonly string[]>> = {
  namespaced: NAMESPACED,
  cluster: CLUSTER,
  'cluster-rule': CLUSTER_RULE,
};

/** Reads an `appliedTo` list (AT-13 to AT-19). */
export function parseAppliedTo(
  value: Json | undefined,
  schema: AppliedToSchema,
  at: string,
  problems: ProblemList,
): readonly RawAppliedTo[] {
  const out = readItems(value, at, problems).map((entry, index) =>
    parseEntry(entry, schema, pointer(at, index), problems),
  );
  if (out.some((entry) => entry.type === 'service') && !out.every((entry) => entry.type === 'service')) {
    problems.error('antrea.service_mixed', at, 'Services and other workloads cannot stand in one `appliedTo`');
  }
  return out;
}

function parseEntry(entry: Json, schema: AppliedToSchema, at: string, problems: ProblemList): RawAppliedTo {
  if (!isObject(entry)) problems.error('antrea.applied_to', at, `expected an object, found ${describe(entry)}`);
  const known = SCHEMAS[schema];
  warnUnknownFields(entry, known, at, problems);
  const kept = (key: string): Json | undefined => (known.includes(key) ? field(entry, key) : undefined);
  for (const key of ALONE) {
    if (kept(key) !== undefined && kept(key) !== '' && countFields(entry, known) > 1) {
      problems.error(
        'antrea.applied_to_mixed',
        pointer(at, key),
        `\`${key}\` stands alone in an entry of \`appliedTo\``,
      );
    }
  }
  const nodes = kept('nodeSelector');
  if (nodes !== undefined) {
    return { type: 'nodes', selector: readNodeSelector(nodes, pointer(at, 'nodeSelector'), problems) };
  }
  const group = readText(kept('group'), pointer(at, 'group'), problems);
  if (group !== '') return { type: 'group', name: group };
  const service = kept('service');
  if (service !== undefined) return { type: 'service', ...readReference(service, pointer(at, 'service'), problems) };
  const account = kept('serviceAccount');
  if (account !== undefined) {
    return { type: 'serviceAccount', ...readReference(account, pointer(at, 'serviceAccount'), problems) };
  }
  const selectors = readWorkloads(entry, at, problems);
  return { type: 'workloads', selectors: schema === 'namespaced' ? { ...selectors, namespaces: null } : selectors };
}
