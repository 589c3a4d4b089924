import { field, isObject, list, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { Direction } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ParseContext } from './cilium.parse.js';
import type { LabelTests, RawAuthentication, RawRule } from './cilium.raw.js';
import { parseIcmps } from './icmps.parse.js';
import { parseLabelTests } from './label-tests.parse.js';
import { PEER_FIELDS, parsePeers } from './peers.parse.js';
import { parsePortRules } from './ports.parse.js';
import { warnUnknownFields } from './unknown-fields.js';

/** Where a rule stands. */
export interface RuleContext extends ParseContext {
  readonly direction: Direction;
  readonly action: 'allow' | 'deny';
  /** The subject is a node. */
  readonly host: boolean;
  readonly at: string;
  readonly index: number;
}

const AUTHENTICATION: Readonly<Record<string, RawAuthentication>> = {
  disabled: 'disabled',
  required: 'required',
  'test-always-fail': 'always-fails',
};

/** Reads one rule of one of the four lists. */
export function parseRule(value: Json, context: RuleContext): RawRule {
  const { at, index, problems, direction, action } = context;
  const shared = { pointer: at, index };
  if (!isObject(value)) {
    problems.error('cilium.rule', at, `expected a rule, found ${describe(value)}`);
    return { ...shared, peers: { type: 'none' }, requires: [], ports: null, icmps: null, authentication: null };
  }
  const requiresKey = direction === 'ingress' ? 'fromRequires' : 'toRequires';
  const known = [...PEER_FIELDS[direction][action], requiresKey, 'toPorts', 'icmps'];
  warnUnknownFields(value, action === 'allow' ? [...known, 'authentication'] : known, at, problems);
  const ports = parsePortRules(field(value, 'toPorts'), context);
  const icmps = parseIcmps(field(value, 'icmps'), context);
  if (icmps !== null && ports !== null) {
    problems.error('cilium.icmps_and_ports', pointer(at, 'icmps'), '`icmps` cannot stand beside `toPorts`');
  }
  return {
    ...shared,
    peers: parsePeers(value, ports !== null || icmps !== null, context),
    requires: parseRequires(field(value, requiresKey), pointer(at, requiresKey), context),
    ports,
    icmps,
    authentication: parseAuthentication(field(value, 'authentication'), context),
  };
}

function parseRequires(value: Json | undefined, at: string, context: RuleContext): LabelTests[] {
  if (value === undefined) return [];
  const { problems, options } = context;
  if (!Array.isArray(value)) problems.error('cilium.requires', at, `expected a list, found ${describe(value)}`);
  if (!options.requires) {
    const why = 'was removed in Cilium 1.19, which refuses it unless it is empty';
    if (list(value).length > 0) problems.error('cilium.requires_removed', at, why);
    return [];
  }
  problems.suspect(
    'cilium.requires_deprecated',
    at,
    'is deprecated since Cilium 1.17; use `ingressDeny` or `egressDeny`',
  );
  return list(value).map((entry, index) => parseLabelTests(entry, pointer(at, index), problems));
}

function parseAuthentication(value: Json | undefined, context: RuleContext): RawAuthentication {
  if (value === undefined || context.action === 'deny') return null;
  const mode = field(value, 'mode');
  if (typeof mode === 'string' && Object.hasOwn(AUTHENTICATION, mode)) {
    return AUTHENTICATION[mode] as RawAuthentication;
  }
  const expected = Object.keys(AUTHENTICATION).join(', ');
  const here = pointer(context.at, 'authentication', 'mode');
  context.problems.error('cilium.authentication', here, `expected ${expected}, found ${describe(mode)}`);
  return null;
}
