import { app, dns, namespace, NO_PODS, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './direction-listed-without-rules.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), pod('shop/api', { port: 8080 })];
const web = (rules: object, ...policyTypes: string[]): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes, ...rules });
const ingress = { ingress: [{ from: [app('api')] }] };
const egress = { egress: [{ to: [app('api')] }] };

testCheck(check, {
  clean: [
    { name: 'both have rules', objects: [...shop, web({ ...ingress, ...egress }, 'Ingress', 'Egress')] },
    {
      name: 'another policy allows something in that direction',
      objects: [
        ...shop,
        web(ingress, 'Ingress', 'Egress'),
        policy('shop/out', { podSelector: {}, policyTypes: ['Egress'], ...egress }),
      ],
    },
    { name: 'a default deny has no rules at all', objects: [...shop, web({}, 'Ingress', 'Egress')] },
    { name: 'nobody calls a pod without a Service', objects: [...shop, web(egress, 'Ingress', 'Egress')] },
  ],
  flagged: [
    {
      name: 'egress listed by accident: DNS is cut too',
      objects: [...shop, ...dns(), web(ingress, 'Ingress', 'Egress')],
      finds: [
        {
          at: 'shop/web',
          title: /cuts all egress of 1 pod$/,
          flow: 'shop/web -> kube-system/coredns TCP 53 deny',
          change: ['shop/web[Pod] -> kube-system/coredns[Pod] +all'],
        },
      ],
    },
    {
      name: 'ingress of pods behind a Service',
      objects: [
        ...shop,
        service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
        web(egress, 'Ingress', 'Egress'),
      ],
      finds: [{ at: 'shop/web', flow: 'any pod of any namespace -> shop/web TCP 8080 deny' }],
    },
  ],
  undetermined: [
    { name: 'no policies', objects: shop, outcome: 'not-applicable', reason: /no NetworkPolicy/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
