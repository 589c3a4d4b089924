import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './unexpected-internet-egress.check.js';

const shop = [node(), namespace('shop'), pod('shop/web')];
const sends = (ipBlock: unknown): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock }], ports: [{ port: 443 }] }],
  });
const accepted = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', annotations: { 'netpol-atlas/internet-egress': 'calls the card networks' } },
};

testCheck(check, {
  clean: [
    { name: 'closed', objects: [...shop, denyAll('shop', 'Egress')] },
    { name: 'private addresses only', objects: [...shop, sends({ cidr: '192.168.0.0/16' })] },
    {
      name: 'the whole space without what is public',
      objects: [
        ...shop,
        sends({
          cidr: '0.0.0.0/0',
          except: [
            '0.0.0.0/1',
            '128.0.0.0/2',
            '192.0.0.0/9',
            '192.128.0.0/11',
            '192.160.0.0/13',
            '192.169.0.0/16',
            '192.170.0.0/15',
            '192.172.0.0/14',
            '192.176.0.0/12',
            '192.192.0.0/10',
            '193.0.0.0/8',
            '194.0.0.0/7',
            '196.0.0.0/6',
            '200.0.0.0/5',
            '208.0.0.0/4',
          ],
        }),
      ],
    },
    { name: 'its owner gives the reason', objects: [node(), accepted, pod('shop/web')] },
  ],
  flagged: [
    {
      name: 'no policy, and a pod with an address of the newer family alone',
      objects: [...shop.slice(0, 2), pod('shop/web', { ips: ['fd00::5'] })],
      finds: [{ at: 'shop/web', flow: 'shop/web -> 2001:4860:4860::8888 TCP 443 allow' }],
    },
    {
      name: 'no policy closes it',
      objects: shop,
      finds: [
        {
          at: 'shop/web',
          severity: 'high',
          title: /no policy/,
          flow: 'shop/web -> 8.8.8.8 TCP 443 allow',
          change: ['shop/web[Pod] -> 0.0.0.0/0 -all'],
        },
      ],
    },
    {
      name: 'a rule opens the internet but for private addresses',
      objects: [...shop, sends({ cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] })],
      finds: [
        {
          at: 'shop/web',
          severity: 'high',
          title: /the whole internet/,
          flow: 'shop/web -> 1.0.0.0 TCP 443 allow',
          change: ['shop/web[Pod] -> 192.169.0.0-255.255.255.255 -TCP 443'],
        },
      ],
    },
    {
      name: 'several policies open it: what they allow inside stays',
      objects: [
        ...shop,
        sends({ cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '192.168.7.0/24'] }),
        policy('shop/all', { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 80 }] }] }),
      ],
      finds: [{ at: 'shop/web', severity: 'high', evidence: /rules: all / }],
    },
    {
      name: 'a block that was written on purpose weighs little',
      objects: [...shop, sends({ cidr: '185.199.108.0/22' })],
      finds: [
        {
          at: 'shop/web',
          severity: 'low',
          title: /1024 public addresses from 185.199.108.0/,
          flow: 'shop/web -> 185.199.108.0 TCP 443 allow',
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'a kind of policy could not be listed',
      objects: shop,
      completeness: { 'GlobalNetworkPolicy.projectcalico.org': { complete: false, reason: 'forbidden' } },
      outcome: 'skip',
      reason: /GlobalNetworkPolicy/,
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
