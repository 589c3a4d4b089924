import { namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './host-port.check.js';

const published = (fullName: string, more: object = {}, also: object = {}): unknown => {
  const raw = pod(fullName, { port: 8080 }) as { spec: { containers: { ports: object[] }[] } };
  const [container] = raw.spec.containers;
  return {
    ...raw,
    spec: {
      ...raw.spec,
      containers: [{ ...container, ports: [{ containerPort: 8080, hostPort: 80, ...more }] }],
      ...also,
    },
  };
};
const init = (restartPolicy?: string): object => ({
  initContainers: [{ name: 'i', image: 'i', restartPolicy, ports: [{ containerPort: 9000, hostPort: 81 }] }],
});
const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];

testCheck(check, {
  clean: [
    { name: 'a port of the pod', objects: shop },
    { name: 'a port of the loopback', objects: [...shop, published('shop/edge', { hostIP: '127.0.0.1' })] },
    { name: 'a port of an init container', objects: [...shop, published('shop/edge', { hostPort: 0 }, init())] },
    { name: 'a port of a sidecar', objects: [...shop, published('shop/edge', { hostPort: 0 }, init('Always'))] },
    {
      name: 'a namespace of the platform',
      objects: [...shop, namespace('kube-system'), published('kube-system/proxy')],
    },
  ],
  flagged: [
    {
      name: 'a port of the node',
      objects: [...shop, published('shop/edge')],
      finds: [{ at: 'shop/edge', severity: 'medium', title: /port 80/, flow: 'node n1 -> shop/edge TCP 8080 allow' }],
    },
  ],
  undetermined: [
    { name: 'no pods', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no pods/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
