import { namespace, pod, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './external-ips.check.js';

const plain = service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80 }] });
const taking = { ...(plain as object), spec: { ...(plain as { spec: object }).spec, externalIPs: ['198.51.100.7'] } };

testCheck(check, {
  clean: [{ name: 'a plain Service', objects: [namespace('shop'), plain] }],
  flagged: [
    {
      name: 'an address of its own choice',
      objects: [namespace('shop'), taking],
      finds: [{ at: 'shop/web', title: /198.51.100.7/, change: null }],
    },
  ],
  undetermined: [
    {
      name: 'no Services',
      objects: [namespace('shop'), pod('shop/web')],
      outcome: 'not-applicable',
      reason: /no Services/,
    },
    {
      name: 'Services could not be listed',
      objects: [namespace('shop'), taking],
      completeness: { Service: { complete: false, reason: 'forbidden' } },
      outcome: 'skip',
      reason: /Service could not be listed: forbidden/,
    },
  ],
});
