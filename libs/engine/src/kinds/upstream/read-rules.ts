import { field, pointer, text } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import type { Action, Direction } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { NAMED_PORT_PEER } from './codes.js';
import type { Dialect } from './dialect.js';
import { readList, readObject, warnUnknownFields } from './read-fields.js';
import { readPeers } from './read-peers.js';
import { readPorts } from './read-ports.js';
import type { RawRule } from './upstream-policy.raw.js';

const MAX_NAME = 100;

/** The ordered rules of both directions. */
export function readRules(
  spec: JsonObject,
  dialect: Dialect,
  problems: ProblemList,
): Readonly<Record<Direction, readonly RawRule[]>> {
  return {
    ingress: readDirection(spec, 'ingress', dialect, problems),
    egress: readDirection(spec, 'egress', dialect, problems),
  };
}

function readDirection(
  spec: JsonObject,
  direction: Direction,
  dialect: Dialect,
  problems: ProblemList,
): readonly RawRule[] {
  const value = field(spec, direction);
  if (value === undefined) return [];
  const at = pointer('/spec', direction);
  // The list keeps its length, so that a rule's position stays the one it was written at.
  return readList(value, at, 'rules', dialect.maxRules, problems).map((rule, index) =>
    readRule(rule, direction, pointer(at, index), dialect, problems),
  );
}

const NOTHING: RawRule = { name: '', action: 'deny', peers: [], ports: null };

function readRule(value: Json, direction: Direction, at: string, dialect: Dialect, problems: ProblemList): RawRule {
  const rule = readObject(value, at, 'a rule', problems);
  if (rule === null) return NOTHING;
  const peersField = direction === 'ingress' ? 'from' : 'to';
  warnUnknownFields(rule, ['name', 'action', peersField, dialect.portsField], at, problems);
  const given = field(rule, 'name');
  const name = text(given);
  if (given !== undefined && typeof given !== 'string') {
    problems.error('adminpolicy.name', pointer(at, 'name'), `expected text, found ${describe(given)}`);
  }
  if (name.length > MAX_NAME) {
    problems.error('adminpolicy.name', pointer(at, 'name'), `at most ${MAX_NAME} characters are allowed`);
  }
  const action = readAction(field(rule, 'action'), pointer(at, 'action'), dialect, problems);
  const peers = readPeers(rule, direction, action ?? 'allow', at, dialect, problems);
  const ports = readPorts(rule, at, dialect, problems);
  const raw: RawRule = { name, action: action ?? 'allow', peers, ports };
  if (dialect.namedPortsOnlyForPods) checkNamedPorts(raw, pointer(at, dialect.portsField), problems);
  return raw;
}

function readAction(value: Json | undefined, at: string, dialect: Dialect, problems: ProblemList): Action | null {
  if (typeof value === 'string' && Object.hasOwn(dialect.actions, value)) return dialect.actions[value] as Action;
  const expected = Object.keys(dialect.actions).join(', ');
  problems.error('adminpolicy.action', at, `expected one of ${expected}, found ${describe(value)}`);
  return null;
}

/** Only pods have ports with names. */
function checkNamedPorts(rule: RawRule, at: string, problems: ProblemList): void {
  const named = rule.ports?.matches.some((match) => match.type === 'named') === true;
  const nameless = rule.peers.find((peer) => ['networks', 'nodes', 'domainNames'].includes(peer.type));
  if (!named || nameless === undefined) return;
  const message = `a port's name cannot stand in a rule with \`${nameless.type}\`, which have no named ports`;
  problems.error(NAMED_PORT_PEER, at, message);
}
