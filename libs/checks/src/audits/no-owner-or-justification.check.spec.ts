import { everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './no-owner-or-justification.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];
const to = (cidr: string, annotations: Readonly<Record<string, string>> = {}): unknown => {
  const made = policy('shop/out', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr } }], ports: [{ port: 443 }] }],
  }) as { readonly metadata: object };
  return { ...made, metadata: { ...made.metadata, annotations } };
};
const inZone = (name: string, zone: string): unknown => namespace(name, { 'netpol-atlas/zone': zone });
const BOTH = { 'netpol-atlas/owner': 'team-shop', 'netpol-atlas/reason': 'the bank' };

testCheck(check, {
  clean: [{ name: 'who and why are told', objects: [...shop, to('8.8.8.0/24', BOTH)] }],
  flagged: [
    {
      name: 'neither is told',
      objects: [...shop, to('8.8.8.0/24')],
      finds: [
        { at: 'shop/out', title: /an owner and a reason$/, flow: 'shop/web -> 8.8.8.0 TCP 443 allow', change: null },
      ],
    },
    {
      name: 'a block of a family that only some of the pods speak',
      objects: [...shop.slice(0, 2), pod('shop/a', { ips: ['fd00::5'] }), pod('shop/web'), to('8.8.8.0/24')],
      finds: [{ at: 'shop/out', flow: 'shop/web -> 8.8.8.0 TCP 443 allow' }],
    },
    {
      name: 'a rule that names nobody lets everyone in',
      objects: [...shop, policy('shop/in', { podSelector: {}, ingress: [{ ports: [{ port: 8080 }] }] })],
      finds: [{ at: 'shop/in', title: /to or from the internet/, flow: '8.8.8.8 -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'a way into another zone',
      objects: [
        node(),
        inZone('shop', 'public'),
        inZone('vault', 'secret'),
        pod('shop/web', { port: 8080 }),
        pod('vault/key', { port: 8080 }),
        policy('vault/in', { podSelector: {}, ingress: [{ from: [everyPodOf('shop')] }] }),
      ],
      finds: [
        {
          at: 'vault/in',
          title: /between zone secret and zone public without an owner and a reason$/,
          flow: 'shop/web -> vault/key TCP 8080 allow',
        },
      ],
    },
    {
      name: 'the reason is missing',
      objects: [...shop, to('0.0.0.0/0', { 'netpol-atlas/owner': 'team-shop', 'netpol-atlas/reason': ' ' })],
      finds: [{ at: 'shop/out', title: /without a reason$/ }],
    },
  ],
  undetermined: [
    {
      name: 'a block of a family that the pods do not speak',
      objects: [...shop.slice(0, 2), pod('shop/web', { ips: ['fd00::5'] }), to('8.8.8.0/24')],
      outcome: 'not-applicable',
      reason: /opens a way/,
    },
    {
      name: 'only private addresses',
      objects: [...shop, to('10.0.0.0/8')],
      outcome: 'not-applicable',
      reason: /no NetworkPolicy opens a way/,
    },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
