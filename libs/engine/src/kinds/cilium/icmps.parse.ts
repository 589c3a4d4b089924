import { field, isObject, list, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ICMP, ICMPV6 } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { RawIcmp } from './cilium.raw.js';
import { listField } from './list-field.js';
import type { RuleContext } from './rule.parse.js';

/** Types by the names that the CRD accepts (cilium/cilium pkg/policy/api/icmp.go). */
const TYPES_V4: Readonly<Record<string, number>> = {
  EchoReply: 0,
  DestinationUnreachable: 3,
  Redirect: 5,
  Echo: 8,
  EchoRequest: 8,
  RouterAdvertisement: 9,
  RouterSelection: 10,
  TimeExceeded: 11,
  ParameterProblem: 12,
  Timestamp: 13,
  TimestampReply: 14,
  Photuris: 40,
  ExtendedEcho: 42,
  ExtendedEchoRequest: 42,
  ExtendedEchoReply: 43,
};
const TYPES_V6: Readonly<Record<string, number>> = {
  DestinationUnreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  MulticastListenerQuery: 130,
  MulticastListenerReport: 131,
  MulticastListenerDone: 132,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  RedirectMessage: 137,
  RouterRenumbering: 138,
  ICMPNodeInformationQuery: 139,
  ICMPNodeInformationResponse: 140,
  InverseNeighborDiscoverySolicitation: 141,
  InverseNeighborDiscoveryAdvertisement: 142,
  HomeAgentAddressDiscoveryRequest: 144,
  HomeAgentAddressDiscoveryReply: 145,
  MobilePrefixSolicitation: 146,
  MobilePrefixAdvertisement: 147,
  DuplicateAddressRequestCodeSuffix: 157,
  DuplicateAddressConfirmationCodeSuffix: 158,
  ExtendedEchoRequest: 160,
  ExtendedEchoReply: 161,
};
const FIELD_LIMIT = 40;

/** The ICMP types of a rule; null when it does not speak of ICMP. */
export function parseIcmps(value: Json | undefined, context: RuleContext): RawIcmp[] | null {
  const { problems, options } = context;
  const at = pointer(context.at, 'icmps');
  if (value === undefined) return null;
  if (!Array.isArray(value)) {
    problems.error('cilium.icmps', at, `expected a list, found ${describe(value)}`);
    return null;
  }
  if (value.length === 0) return null;
  if (!options.icmpRules) problems.error('cilium.icmps_off', at, 'the agent refuses it: enable-icmp-rules is off');
  return list(value).flatMap((entry, index) => {
    if (!isObject(entry)) {
      problems.error('cilium.icmps', pointer(at, index), `expected an object, found ${describe(entry)}`);
    }
    const fields = listField(entry, 'fields', pointer(at, index), problems);
    const here = pointer(at, index, 'fields');
    if (fields.length > FIELD_LIMIT) {
      problems.error('cilium.icmps_many', here, `has ${fields.length} fields, at most ${FIELD_LIMIT} are accepted`);
    }
    return fields.flatMap((one, number) => parseField(one, pointer(here, number), context));
  });
}

function parseField(value: Json, at: string, context: RuleContext): RawIcmp[] {
  const { problems } = context;
  const family = field(value, 'family') ?? 'IPv4';
  if (family !== 'IPv4' && family !== 'IPv6') {
    problems.error('cilium.icmp_family', pointer(at, 'family'), `expected IPv4 or IPv6, found ${describe(family)}`);
    return [];
  }
  const type = readType(field(value, 'type'), family === 'IPv4' ? TYPES_V4 : TYPES_V6);
  if (type === null) {
    const found = describe(field(value, 'type'));
    const expected = `expected a number from 0 to 255 or the name of an ${family} type`;
    problems.error('cilium.icmp_type', pointer(at, 'type'), `${expected}, found ${found}`);
    return [];
  }
  return [{ protocol: family === 'IPv4' ? ICMP : ICMPV6, icmpType: type }];
}

function readType(value: Json | undefined, names: Readonly<Record<string, number>>): number | null {
  if (typeof value === 'string' && Object.hasOwn(names, value)) return names[value] as number;
  const number = typeof value === 'string' && /^(?:0|[1-9]\d{0,2})$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 255 ? number : null;
}
