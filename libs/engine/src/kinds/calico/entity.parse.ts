import { field, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawEntity, RawServiceRef } from './calico.raw.js';
import { readList, readNets, readObject, warnUnknownFields } from './fields.parse.js';
import type { NetsReading } from './fields.parse.js';
import { readPorts } from './ports.parse.js';
import { namesGlobal } from './selector.ast.js';
import { readPlainSelector, readSelector } from './selector.read.js';

const FIELDS: ReadonlySet<string> = new Set([
  'nets',
  'selector',
  'namespaceSelector',
  'services',
  'ports',
  'notNets',
  'notSelector',
  'notPorts',
  'serviceAccounts',
]);

/** Where rules stand. */
export interface RuleScope {
  /** Of their policy, '' for cluster-wide kinds. */
  readonly namespace: string;
  readonly nets: NetsReading;
  /** Whether ICMP and `http` may stand beside a protocol by number; null where the release is not known. (CAL-32, CAL-38) */
  readonly takesNumbers: boolean | null;
}

/** Reads `source` or `destination` of a rule. */
export function parseEntity(
  value: Json | undefined,
  { namespace, nets }: RuleScope,
  at: string,
  problems: ProblemList,
): RawEntity {
  const raw = readObject(value, at, problems);
  warnUnknownFields(raw, FIELDS, at, problems);
  const selector = (key: string): RawEntity['selector'] => readSelector(field(raw, key), pointer(at, key), problems);
  const entity: RawEntity = {
    selector: readPlainSelector(field(raw, 'selector'), pointer(at, 'selector'), problems),
    notSelector: selector('notSelector'),
    namespaceSelector: selector('namespaceSelector'),
    serviceAccounts: parseServiceAccounts(field(raw, 'serviceAccounts'), pointer(at, 'serviceAccounts'), problems),
    nets: readNets(field(raw, 'nets'), pointer(at, 'nets'), problems, nets),
    notNets: readNets(field(raw, 'notNets'), pointer(at, 'notNets'), problems, nets),
    ports: readPorts(field(raw, 'ports'), pointer(at, 'ports'), problems),
    notPorts: readPorts(field(raw, 'notPorts'), pointer(at, 'notPorts'), problems),
    service: parseService(field(raw, 'services'), namespace, pointer(at, 'services'), problems),
  };
  if (entity.service !== null) refuseBesideService(entity, raw, at, problems);
  const namespaces = entity.namespaceSelector;
  if (namespaces !== null && namespaces.type !== 'global' && namesGlobal(namespaces)) {
    problems.error('calico.selector_global', pointer(at, 'namespaceSelector'), '`global()` must stand alone');
  }
  return entity;
}

/** Null too where neither names nor a selector say of whom: Felix then asks for none. (CAL-26) */
function parseServiceAccounts(
  value: Json | undefined,
  at: string,
  problems: ProblemList,
): RawEntity['serviceAccounts'] {
  const raw = readObject(value, at, problems);
  if (raw === undefined) return null;
  const names = readList(field(raw, 'names'), pointer(at, 'names'), problems).flatMap((name, index) => {
    if (typeof name === 'string' && name !== '') return [name];
    const here = pointer(at, 'names', index);
    problems.error('calico.service_account', here, `expected a service account's name, found ${describe(name)}`);
    return [];
  });
  const selector = readSelector(field(raw, 'selector'), pointer(at, 'selector'), problems);
  return names.length === 0 && selector === null ? null : { names: [...names].sort(), selector };
}

/** A Service of the policy's own namespace unless another is named; cluster-wide kinds must name one. (CAL-36) */
function parseService(
  value: Json | undefined,
  namespace: string,
  at: string,
  problems: ProblemList,
): RawServiceRef | null {
  const raw = readObject(value, at, problems);
  if (raw === undefined) return null;
  const name = text(field(raw, 'name'));
  const where = text(field(raw, 'namespace')) || namespace;
  if (name === '') problems.error('calico.service', pointer(at, 'name'), 'expected the name of a Service');
  if (where === '') {
    problems.error(
      'calico.service',
      pointer(at, 'namespace'),
      'a cluster-wide policy must name the Service’s namespace',
    );
  }
  return { namespace: where, name };
}

/** Ports of the client may stand beside the Service that it is of; see `checkServiceSide` for those of a destination. */
function refuseBesideService(entity: RawEntity, raw: Json | undefined, at: string, problems: ProblemList): void {
  const beside =
    entity.selector !== null ||
    entity.notSelector !== null ||
    entity.namespaceSelector !== null ||
    field(raw, 'serviceAccounts') !== undefined ||
    entity.nets.length > 0 ||
    entity.notNets.length > 0;
  if (beside) problems.error('calico.service', at, '`services` cannot stand beside who else a side of the rule names');
}
