import { API_SERVER, denyAll, namespace, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './admission-or-apiservice-blocked.check.js';

const target = { namespace: 'gate', name: 'gate', port: 443 };
const webhook = (failurePolicy: string): unknown => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'gate' },
  webhooks: [{ name: 'pods.example.com', failurePolicy, clientConfig: { service: target, caBundle: 'eA==' } }],
});
const apiService = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1.metrics.example.com' },
  spec: { group: 'metrics.example.com', version: 'v1', service: target },
};
const gate = [
  node(),
  namespace('gate'),
  namespace('default'),
  ...API_SERVER,
  pod('gate/gate', { port: 9443 }),
  service('gate/gate', { selector: { app: 'gate' }, ports: [{ port: 443, targetPort: 9443 }] }),
];
const fromServer = policy('gate/from-server', {
  podSelector: {},
  ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.0/16' } }], ports: [{ port: 9443 }] }],
});

testCheck(check, {
  clean: [
    { name: 'nothing closes it', objects: [...gate, webhook('Fail'), apiService] },
    {
      name: 'the control plane is admitted',
      objects: [...gate, denyAll('gate', 'Ingress'), fromServer, webhook('Fail')],
    },
  ],
  flagged: [
    {
      name: 'ingress is closed',
      objects: [...gate, denyAll('gate', 'Ingress'), webhook('Fail'), apiService],
      finds: [
        {
          at: 'gate/gate',
          severity: 'critical',
          title: /names$/,
          flow: '172.18.0.10 -> gate/gate TCP 9443 deny',
          change: ['172.18.0.10 -> gate/gate[Pod] +TCP 9443'],
        },
        { at: 'gate/gate', severity: 'critical', pointer: 'APIService v1.metrics.example.com' },
      ],
    },
    {
      name: 'a webhook that is passed by when it fails, and pods alone are admitted',
      objects: [
        ...gate,
        policy('gate/pods', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }),
        webhook('Ignore'),
      ],
      finds: [{ at: 'gate/gate', severity: 'high', pointer: 'ValidatingWebhookConfiguration gate/pods.example.com' }],
    },
  ],
  undetermined: [
    { name: 'nothing is called', objects: gate, outcome: 'not-applicable', reason: /no webhook and no APIService/ },
    {
      name: 'no pod is behind the Service',
      objects: [namespace('gate'), ...API_SERVER, webhook('Fail')],
      outcome: 'unknown',
      reason: /Service gate\/gate of gate leads to no ready pod/,
    },
    {
      name: 'the server is not known',
      objects: [namespace('gate'), webhook('Fail')],
      outcome: 'skip',
      reason: /default\/kubernetes/,
    },
  ],
});
