import { field, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { L7Rule, TextTest } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { RuleContext } from './rule.parse.js';
import { warnUnknownFields } from './unknown-fields.js';

/** Requests that a role stands for (cilium/cilium pkg/policy/api/kafka.go). */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  produce: ['produce', 'metadata', 'apiversions'],
  consume: [
    'fetch',
    'offsets',
    'metadata',
    'offsetcommit',
    'offsetfetch',
    'findcoordinator',
    'joingroup',
    'heartbeat',
    'leavegroup',
    'syncgroup',
    'apiversions',
  ],
};

/** Requests by the names that rules may give (cilium/cilium pkg/policy/api/kafka). */
const API_KEYS: ReadonlySet<string> = new Set([
  ...Object.values(ROLES).flat(),
  'leaderandisr',
  'stopreplica',
  'updatemetadata',
  'controlledshutdown',
  'describegroups',
  'listgroups',
  'saslhandshake',
  'createtopics',
  'deletetopics',
  'deleterecords',
  'initproducerid',
  'offsetforleaderepoch',
  'addpartitionstotxn',
  'addoffsetstotxn',
  'endtxn',
  'writetxnmarkers',
  'txnoffsetcommit',
  'describeacls',
  'createacls',
  'deleteacls',
  'describeconfigs',
  'alterconfigs',
]);
const VERSION = /^(?:\d{1,4}|[012]\d{4}|3[01]\d{3}|32[0-6]\d{2}|327[0-5]\d|3276[0-7])$/;
const TOPIC = /^[a-zA-Z0-9._-]{1,255}$/;

export const exactly = (...values: readonly string[]): readonly TextTest[] =>
  values.map((value): TextTest => ({ op: 'exact', value }));

/** Reads a rule about Kafka requests. */
export function parseKafka(value: Json, at: string, context: RuleContext): L7Rule {
  const { problems } = context;
  warnUnknownFields(value, ['role', 'apiKey', 'apiVersion', 'clientID', 'topic'], at, problems);
  const role = text(field(value, 'role')).toLowerCase();
  const apiKey = text(field(value, 'apiKey')).toLowerCase();
  if (role !== '' && !Object.hasOwn(ROLES, role)) {
    const found = describe(role);
    problems.error('cilium.kafka', pointer(at, 'role'), `expected produce or consume, found ${found}`);
  }
  if (role !== '' && apiKey !== '') problems.error('cilium.kafka', at, '`role` cannot stand beside `apiKey`');
  if (apiKey !== '' && !API_KEYS.has(apiKey)) {
    const found = describe(apiKey);
    problems.error('cilium.kafka', pointer(at, 'apiKey'), `expected the name of a Kafka request, found ${found}`);
  }
  const check = (key: string, accepted: RegExp, expected: string): void => {
    const wanted = text(field(value, key));
    if (wanted === '' || accepted.test(wanted)) return;
    problems.error('cilium.kafka', pointer(at, key), `expected ${expected}, found ${describe(wanted)}`);
  };
  check('apiVersion', VERSION, 'a number from 0 to 32767 as text');
  check('topic', TOPIC, 'a topic of letters, digits, `.`, `_` and `-`');
  const fields: Record<string, readonly TextTest[]> = {};
  if (role !== '') fields['apiKey'] = exactly(...(ROLES[role] ?? []));
  if (apiKey !== '') fields['apiKey'] = exactly(apiKey);
  for (const name of ['apiVersion', 'clientID', 'topic']) {
    const wanted = text(field(value, name));
    if (wanted !== '') fields[name] = exactly(wanted);
  }
  return Object.keys(fields).length === 0 ? {} : { fields };
}
