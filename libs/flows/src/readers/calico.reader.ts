import { BLANK_PEER, field, isObject, list, path, text } from '#engine';
import type { Json, JsonObject, SeenPeer } from '#engine';

import { either, type FlowReader, type Reading } from '../flow-reader.js';
import { address, count, fullName, labels, service, time } from '../read-values.js';

/** Flow logs of Calico's Felix, and flows of Goldmane as Whisker tells them: both speak of `source_*` and `dest_*`. */
export const calico: FlowReader = {
  name: 'Calico',
  knows: (record) => 'dest_port' in record && 'action' in record && 'reporter' in record,
  read: (record): Reading => {
    const asked = service(either(record, 'proto', 'protocol'), record['dest_port']);
    if (typeof asked === 'string') return { wrong: asked };
    const action = text(record['action']).toLowerCase();
    if (action !== 'allow' && action !== 'deny') return { wrong: `\`${action.slice(0, 40)}\` is no action` };
    return {
      flow: {
        source: peer(record, 'source'),
        destination: peer(record, 'dest'),
        ...asked,
        direction: text(record['reporter']).toLowerCase() === 'dst' ? 'ingress' : 'egress',
        verdict: action === 'allow' ? 'forwarded' : 'dropped',
        reason: '',
        policies: [...new Set(policies(record['policies']))],
        count: count(either(record, 'num_flows_started', 'num_flows')),
        firstSeen: time(record['start_time']),
        lastSeen: time(record['end_time']),
      },
    };
  },
};

/** In a flow log `-` and `*` stand for nothing; of a pod that was counted with its like only the start of its name is kept. */
function peer(record: JsonObject, side: 'source' | 'dest'): SeenPeer {
  const told = (key: string): string => {
    const value = text(record[`${side}_${key}`]);
    return value === '-' || value === '*' ? '' : value;
  };
  const namespace = told('namespace');
  const type = told('type');
  const name = told('name') || told('name_aggr');
  const given = record[`${side}_labels`];
  const service = fullName(told('service_namespace'), told('service_name'));
  return {
    ...BLANK_PEER,
    namespace: type === 'ns' ? '' : namespace,
    pod: namespace === '' || type === 'ns' ? '' : name,
    labels: labels(isObject(given) ? (given['labels'] ?? given) : given),
    node: type === 'hep' ? name : '',
    service: namespace === '' && service.includes('/') ? service : '',
    address: address(record[`${side}_ip`]),
    hostNames: list(record[`${side}_domains`]).map(text),
  };
}

/** `0|default|shop/default.allow-web|allow|1` in flow logs, an object in Goldmane. */
function policies(value: Json | undefined): readonly string[] {
  if (isObject(value) && 'enforced' in value) {
    return list(value['enforced']).flatMap((hit) => {
      const named = text(field(hit, 'kind')) === 'EndOfTier' ? field(hit, 'trigger') : hit;
      const name = text(field(named, 'name'));
      return name === '' || text(field(named, 'kind')) === 'Profile'
        ? []
        : [fullName(text(field(named, 'namespace')), name)];
    });
  }
  const lines = Array.isArray(value) ? value : path(value, 'all_policies');
  return list(lines).flatMap((line) => {
    const [, tier = '', name = ''] = text(line).split('|');
    if (name === '' || tier.startsWith('__')) return [];
    const [first = '', second] = name.split('/');
    const bare = (second ?? first).replace(`${tier}.`, '').replace(/^knp\.default\./, '');
    return [second === undefined ? bare : fullName(first, bare)];
  });
}
