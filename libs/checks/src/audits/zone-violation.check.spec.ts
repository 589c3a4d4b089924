import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './zone-violation.check.js';

const zone = (name: string, own: string, annotations: Readonly<Record<string, string>> = {}): unknown => {
  const made = namespace(name, { 'netpol-atlas/zone': own }) as { readonly metadata: object };
  return { ...made, metadata: { ...made.metadata, annotations } };
};
const apart = [node(), zone('dev', 'test'), zone('pay', 'cards'), pod('dev/tool'), pod('pay/ledger', { port: 5432 })];

testCheck(check, {
  clean: [
    { name: 'both are closed', objects: [...apart, denyAll('dev', 'Ingress'), denyAll('pay', 'Ingress')] },
    {
      name: 'one way is closed, the other declared',
      objects: [
        ...apart.slice(0, 2),
        zone('pay', 'cards', { 'netpol-atlas/zone-reaches': 'audit, test' }),
        ...apart.slice(3),
        denyAll('pay', 'Ingress'),
      ],
    },
  ],
  flagged: [
    {
      name: 'nothing closes the receiver',
      objects: [...apart, denyAll('dev', 'Ingress')],
      finds: [
        {
          at: '',
          pointer: 'test → cards',
          flow: 'dev/tool -> pay/ledger TCP 5432 allow',
          change: ['dev/tool[Pod] -> pay/ledger[Pod] -all'],
        },
      ],
    },
    {
      name: 'a rule lets it in',
      objects: [
        ...apart,
        denyAll('dev', 'Ingress'),
        policy('pay/open', { podSelector: {}, ingress: [{ ports: [{ port: 5432 }] }] }),
      ],
      finds: [{ at: '', change: ['dev/tool[Pod] -> pay/ledger[Pod] -TCP 5432'] }],
    },
    {
      name: 'the receiver that is open, beside one that rules admit at an address of another family only',
      objects: [
        ...apart.slice(0, 3),
        pod('dev/tool', { ips: ['10.244.0.1', 'fd00::1'] }),
        pod('pay/a', { ip: '10.244.0.2', port: 5432 }),
        pod('pay/b', { ip: 'fd00::2', port: 5432 }),
        denyAll('dev', 'Ingress'),
        policy('pay/b', {
          podSelector: { matchLabels: { app: 'b' } },
          ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/24' } }] }],
        }),
      ],
      finds: [{ at: '', pointer: 'test → cards', flow: 'dev/tool -> pay/a TCP 5432 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'nobody declared zones',
      objects: [node(), namespace('shop'), pod('shop/a')],
      outcome: 'not-applicable',
      reason: /two zones/,
    },
    {
      name: 'pods could not be listed',
      objects: apart,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
