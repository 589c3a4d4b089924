import { namespace } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './label-or-policy-writers.check.js';

const API = 'rbac.authorization.k8s.io';
const role = (name: string, ...rules: readonly unknown[]): unknown => ({
  apiVersion: `${API}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
});
const binding = (fullName: string, to: string, subject: object, annotations = {}): unknown => {
  const [name, ns] = fullName.split('/').reverse();
  return {
    apiVersion: `${API}/v1`,
    kind: ns === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: { name, ...(ns === undefined ? {} : { namespace: ns }), annotations },
    roleRef: { apiGroup: API, kind: 'ClusterRole', name: to },
    subjects: [subject],
  };
};
const rule = (apiGroup: string, resource: string, ...verbs: readonly string[]): unknown => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
});
const group = (name: string): object => ({ kind: 'Group', name });
const account = (ns: string, name: string): object => ({ kind: 'ServiceAccount', namespace: ns, name });
const POLICIES = role('policies', rule('networking.k8s.io', 'networkpolicies', 'get', 'patch'));
const shop = namespace('shop');

testCheck(check, {
  clean: [
    {
      name: 'the platform alone may write',
      objects: [
        shop,
        role('all', rule('*', '*', '*')),
        binding('admins', 'all', group('system:masters')),
        binding('operator', 'all', account('kube-system', 'operator')),
      ],
    },
    {
      name: 'others may read',
      objects: [
        shop,
        role('view', rule('networking.k8s.io', 'networkpolicies', 'get', 'list')),
        binding('view', 'view', group('devs')),
      ],
    },
    {
      name: 'the binding says why',
      objects: [
        shop,
        POLICIES,
        binding('netops', 'policies', group('netops'), { 'netpol-atlas/policy-writer': 'keeps them' }),
      ],
    },
    { name: 'the role is not there', objects: [shop, binding('gone', 'gone', group('devs'))] },
  ],
  flagged: [
    {
      name: 'anyone, a group, and an account of one namespace',
      objects: [
        shop,
        POLICIES,
        role('labels', rule('', 'namespaces', 'update'), rule('', 'pods', 'patch')),
        binding('anyone', 'policies', group('system:authenticated')),
        binding('shop/devs', 'policies', group('devs')),
        binding('deployer', 'labels', account('shop', 'deployer')),
      ],
      finds: [
        { at: 'anyone', severity: 'high', title: 'Group system:authenticated may change policies everywhere' },
        {
          at: 'deployer',
          severity: 'medium',
          title: 'ServiceAccount shop/deployer may change labels of namespaces, labels of pods everywhere',
        },
        { at: 'shop/devs', severity: 'medium', title: 'Group devs may change policies in shop', change: null },
      ],
    },
  ],
  undetermined: [
    { name: 'manifests without rights', objects: [shop], outcome: 'skip', reason: /no role bindings/ },
    {
      name: 'roles may not be read',
      objects: [shop],
      completeness: { [`ClusterRole.${API}`]: { complete: false, reason: 'forbidden' } },
      outcome: 'skip',
      reason: /could not be listed: forbidden/,
    },
  ],
});
