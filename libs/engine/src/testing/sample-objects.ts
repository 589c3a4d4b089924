import { kindId } from '../model/index.js';
import { WATCHED_KINDS } from '../normalise/index.js';

/** The namespace of every namespaced sample. */
export const SAMPLE_NAMESPACE = 'sample';

type Body = Readonly<Record<string, unknown>>;

const LABELS = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }] };
const NAMESPACES = { matchLabels: { 'kubernetes.io/metadata.name': SAMPLE_NAMESPACE } };
const POD_TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: {
    nodeName: 'node-1',
    serviceAccountName: 'web',
    containers: [{ name: 'c', image: 'i:1', ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] }],
    initContainers: [{ name: 'init', image: 'i:1', restartPolicy: 'Always' }],
  },
};
const WORKLOAD: Body = {
  spec: { replicas: 2, selector: LABELS, template: POD_TEMPLATE },
  status: { readyReplicas: 1 },
};
const WEBHOOK = {
  name: 'web.example.com',
  clientConfig: { service: { namespace: SAMPLE_NAMESPACE, name: 'web', port: 8443 }, caBundle: 'eA==' },
  failurePolicy: 'Fail',
};
const RIGHTS = { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'patch'] };
const roleRef = (kind: string): Body => ({
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: 'sample' },
  subjects: [{ kind: 'ServiceAccount', namespace: SAMPLE_NAMESPACE, name: 'web' }],
});
const BLOCK = { cidr: '10.1.0.0/16', except: ['10.1.2.0/24', '10.1.2.128/25'] };

const ADMIN_PORTS = [
  { portNumber: { protocol: 'TCP', port: 80 } },
  { portRange: { protocol: 'UDP', start: 1, end: 9 } },
  { namedPort: 'http' },
];
const ADMIN_PODS = { namespaceSelector: NAMESPACES, podSelector: LABELS };
const adminRule = (action: string, side: string, peers: readonly unknown[]): Body => ({
  name: 'rule',
  action,
  [side]: peers,
  // A port's name has a meaning at pods alone.
  ports: side === 'from' ? ADMIN_PORTS : ADMIN_PORTS.slice(0, 2),
});
const ADMIN_SPEC = {
  subject: { pods: ADMIN_PODS },
  ingress: [adminRule('Allow', 'from', [{ pods: ADMIN_PODS }, { namespaces: NAMESPACES }])],
  egress: [
    adminRule('Deny', 'to', [{ networks: ['10.0.0.0/8', '10.1.0.0/16'] }, { nodes: LABELS }]),
    adminRule('Allow', 'to', [{ domainNames: ['*.example.com'] }]),
  ],
};
const CLUSTER_RULE = {
  name: 'rule',
  action: 'Accept',
  protocols: [
    { tcp: { destinationPort: { number: 80 } } },
    { udp: { destinationPort: { range: { start: 1, end: 9 } } } },
    { destinationNamedPort: 'http' },
  ],
};
const CLUSTER_SPEC = {
  tier: 'Admin',
  priority: 5,
  subject: { pods: ADMIN_PODS },
  ingress: [{ ...CLUSTER_RULE, from: [{ pods: ADMIN_PODS }] }],
  egress: [{ ...CLUSTER_RULE, protocols: CLUSTER_RULE.protocols.slice(0, 2), to: [{ networks: ['10.0.0.0/8'] }] }],
};
const AWS_CLUSTER_SPEC = {
  tier: 'Admin',
  priority: 5,
  subject: { namespaces: NAMESPACES },
  egress: [adminRule('Accept', 'to', [{ networks: ['10.0.0.0/8'] }, { domainNames: ['*.example.com'] }])],
};

const CILIUM_PORTS = [
  {
    ports: [
      { port: '80', protocol: 'TCP' },
      { port: '90', endPort: 99, protocol: 'TCP' },
    ],
    rules: { http: [{ method: 'GET', path: '/a/.*', host: 'x', headers: ['X-A: b'] }] },
  },
];
const CILIUM_SPEC = {
  endpointSelector: LABELS,
  enableDefaultDeny: { ingress: true, egress: false },
  ingress: [
    { fromEndpoints: [LABELS], toPorts: CILIUM_PORTS },
    { fromEntities: ['cluster'] },
    { icmps: [{ fields: [{ type: 8, family: 'IPv4' }] }] },
  ],
  ingressDeny: [{ fromCIDRSet: [BLOCK] }],
  egress: [
    { toCIDR: ['10.0.0.0/8'] },
    { toFQDNs: [{ matchName: 'example.com' }, { matchPattern: '*.example.com' }] },
    { toServices: [{ k8sService: { serviceName: 'web', namespace: SAMPLE_NAMESPACE } }] },
    {
      toEndpoints: [LABELS],
      toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } }],
    },
  ],
  egressDeny: [{ toNodes: [LABELS] }],
};

const CALICO_RULE = {
  action: 'Allow',
  protocol: 'TCP',
  ipVersion: 4,
  source: { selector: "app == 'web' && has(tier)", nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] },
  destination: { ports: [80, '90:99', 'http'], notPorts: [95], serviceAccounts: { names: ['web'], selector: 'all()' } },
  http: { methods: ['GET'], paths: [{ exact: '/a' }, { prefix: '/b' }] },
};
const CALICO_RULES = {
  types: ['Ingress', 'Egress'],
  order: 10,
  ingress: [CALICO_RULE],
  egress: [
    { action: 'Deny', protocol: 'ICMP', icmp: { type: 8, code: 0 }, destination: { namespaceSelector: "a in {'b'}" } },
    { action: 'Allow', destination: { services: { name: 'web', namespace: SAMPLE_NAMESPACE } } },
  ],
};
const CALICO_SPEC = { tier: 'default', selector: "app == 'web'", serviceAccountSelector: 'all()', ...CALICO_RULES };
const GLOBAL_SPEC = { ...CALICO_SPEC, namespaceSelector: "projectcalico.org/name == 'sample'", applyOnForward: false };

const ANTREA_RULE = {
  name: 'rule',
  action: 'Allow',
  ports: [{ protocol: 'TCP', port: 80, endPort: 90 }, { port: 'http' }],
};
const ANTREA_RULES = {
  tier: 'application',
  priority: 5,
  ingress: [
    {
      ...ANTREA_RULE,
      from: [{ podSelector: LABELS, namespaceSelector: NAMESPACES }, { ipBlock: { cidr: '10.0.0.0/8' } }],
    },
  ],
  egress: [
    { ...ANTREA_RULE, name: 'drop', action: 'Drop', to: [{ fqdn: '*.example.com' }] },
    { name: 'svc', action: 'Reject', toServices: [{ name: 'web', namespace: SAMPLE_NAMESPACE }] },
    {
      name: 'l7',
      action: 'Allow',
      to: [{ podSelector: LABELS }],
      l7Protocols: [{ http: { path: '/a/*', method: 'GET' } }],
    },
    { name: 'icmp', action: 'Pass', protocols: [{ icmp: { icmpType: 8, icmpCode: 0 } }] },
  ],
};

const ISTIO_RULE = {
  from: [
    {
      source: {
        principals: ['cluster.local/ns/a/sa/b'],
        notNamespaces: ['x*'],
        ipBlocks: ['10.0.0.0/8'],
        requestPrincipals: ['*'],
      },
    },
  ],
  to: [{ operation: { ports: ['80'], methods: ['GET'], paths: ['/a/*'], notHosts: ['x'] } }],
  when: [{ key: 'source.namespace', values: ['a'], notValues: ['b'] }],
};

const KNP_SPEC = {
  podSelector: LABELS,
  policyTypes: ['Ingress', 'Egress'],
  ingress: [
    {
      from: [{ podSelector: LABELS, namespaceSelector: NAMESPACES }, { ipBlock: BLOCK }],
      ports: [{ protocol: 'TCP', port: 80, endPort: 90 }, { port: 'http' }],
    },
  ],
  egress: [{ to: [{ namespaceSelector: {} }] }],
};

/** What each kind holds beside its metadata; Calico's two groups hold the same. */
const BODIES: Readonly<Record<string, Body>> = {
  Namespace: {},
  Node: {
    spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'], providerID: 'aws:///x' },
    status: {
      addresses: [{ type: 'InternalIP', address: '172.18.9.1' }],
      nodeInfo: { kubeletVersion: 'v1.31.0', osImage: 'x' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
  Pod: {
    spec: POD_TEMPLATE.spec,
    status: {
      phase: 'Running',
      podIP: '10.9.0.1',
      podIPs: [{ ip: '10.9.0.1' }, { ip: 'fd09::1' }],
      hostIP: '172.18.9.1',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
  Service: {
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.9',
      clusterIPs: ['10.96.0.9', 'fd96::9'],
      externalIPs: ['198.51.100.9'],
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP', nodePort: 30080 }],
      externalTrafficPolicy: 'Local',
      publishNotReadyAddresses: true,
    },
    status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } },
  },
  ServiceAccount: {},
  ReplicationController: WORKLOAD,
  'Deployment.apps': WORKLOAD,
  'StatefulSet.apps': WORKLOAD,
  'DaemonSet.apps': { ...WORKLOAD, status: { desiredNumberScheduled: 2, numberReady: 1 } },
  'ReplicaSet.apps': WORKLOAD,
  'Job.batch': WORKLOAD,
  'CronJob.batch': { spec: { jobTemplate: { spec: { template: POD_TEMPLATE } } } },
  'EndpointSlice.discovery.k8s.io': {
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.9.0.1'],
        conditions: { ready: true },
        nodeName: 'node-1',
        targetRef: { kind: 'Pod', name: 'sample', namespace: SAMPLE_NAMESPACE },
      },
    ],
  },
  'Ingress.networking.k8s.io': {
    spec: {
      ingressClassName: 'x',
      rules: [
        {
          host: 'a.example.com',
          http: { paths: [{ path: '/', backend: { service: { name: 'web', port: { number: 80 } } } }] },
        },
      ],
    },
  },
  'IngressClass.networking.k8s.io': { spec: { controller: 'k8s.io/ingress-nginx' } },
  'NetworkPolicy.networking.k8s.io': { spec: KNP_SPEC },
  'AdminNetworkPolicy.policy.networking.k8s.io': { spec: { ...ADMIN_SPEC, priority: 5 } },
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io': {
    spec: { subject: ADMIN_SPEC.subject, ingress: ADMIN_SPEC.ingress },
  },
  'ClusterNetworkPolicy.policy.networking.k8s.io': { spec: CLUSTER_SPEC },
  'CiliumNetworkPolicy.cilium.io': { spec: CILIUM_SPEC, specs: [{ endpointSelector: {}, ingress: [{}] }] },
  'CiliumClusterwideNetworkPolicy.cilium.io': { spec: CILIUM_SPEC },
  'NetworkPolicy.projectcalico.org': { spec: CALICO_SPEC },
  'GlobalNetworkPolicy.projectcalico.org': { spec: GLOBAL_SPEC },
  'StagedNetworkPolicy.projectcalico.org': { spec: { ...CALICO_SPEC, stagedAction: 'Set' } },
  'StagedGlobalNetworkPolicy.projectcalico.org': { spec: { ...GLOBAL_SPEC, stagedAction: 'Set' } },
  'StagedKubernetesNetworkPolicy.projectcalico.org': { spec: { ...KNP_SPEC, stagedAction: 'Set' } },
  'Tier.projectcalico.org': { spec: { order: 100, defaultAction: 'Pass' } },
  'NetworkSet.projectcalico.org': { spec: { nets: ['10.0.0.0/8', '10.1.0.0/16'] } },
  'GlobalNetworkSet.projectcalico.org': { spec: { nets: ['10.0.0.0/8'] } },
  'HostEndpoint.projectcalico.org': {
    spec: {
      node: 'node-1',
      interfaceName: '*',
      expectedIPs: ['172.18.9.1'],
      profiles: ['p'],
      ports: [{ name: 'x', port: 1, protocol: 'TCP' }],
    },
  },
  'Profile.projectcalico.org': {
    spec: { ingress: [CALICO_RULE], egress: [{ action: 'Allow' }], labelsToApply: { a: 'b' } },
  },
  'FelixConfiguration.projectcalico.org': {
    spec: {
      failsafeInboundHostPorts: [{ protocol: 'tcp', port: 22, net: '10.0.0.0/8' }],
      defaultEndpointToHostAction: 'Drop',
    },
  },
  'KubeControllersConfiguration.projectcalico.org': {
    spec: { controllers: { node: { hostEndpoint: { autoCreate: 'Enabled' } } } },
  },
  'ClusterInformation.projectcalico.org': { spec: { calicoVersion: 'v3.29.0', datastoreReady: true } },
  'ClusterNetworkPolicy.crd.antrea.io': {
    spec: { ...ANTREA_RULES, appliedTo: [{ podSelector: LABELS, namespaceSelector: NAMESPACES }] },
  },
  'NetworkPolicy.crd.antrea.io': { spec: { ...ANTREA_RULES, appliedTo: [{ podSelector: LABELS }] } },
  'ClusterNetworkPolicy.networking.k8s.aws': { spec: AWS_CLUSTER_SPEC },
  'ApplicationNetworkPolicy.networking.k8s.aws': {
    spec: { ...KNP_SPEC, egress: [{ domainNames: ['*.example.com'], ports: [{ port: 443 }] }] },
  },
  'EgressFirewall.k8s.ovn.org': {
    spec: {
      egress: [
        { type: 'Allow', to: { cidrSelector: '10.0.0.0/8' }, ports: [{ port: 80, protocol: 'TCP' }] },
        { type: 'Deny', to: { dnsName: 'example.com' } },
        { type: 'Allow', to: { nodeSelector: LABELS } },
      ],
    },
  },
  'UserDefinedNetwork.k8s.ovn.org': { spec: { topology: 'Layer2', layer2: { role: 'Primary' } } },
  'ClusterUserDefinedNetwork.k8s.ovn.org': {
    spec: { namespaceSelector: LABELS, network: { topology: 'Layer3', layer3: { role: 'Primary' } } },
  },
  'FQDNNetworkPolicy.networking.gke.io': {
    spec: {
      podSelector: LABELS,
      egress: [
        { matches: [{ name: 'example.com' }, { pattern: '*.example.com' }], ports: [{ protocol: 'TCP', port: 443 }] },
      ],
    },
  },
  'AuthorizationPolicy.security.istio.io': {
    spec: { selector: { matchLabels: { app: 'web' } }, action: 'ALLOW', rules: [ISTIO_RULE] },
  },
  'PeerAuthentication.security.istio.io': {
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mtls: { mode: 'STRICT' },
      portLevelMtls: { '8080': { mode: 'PERMISSIVE' } },
    },
  },
  ConfigMap: {
    data: {
      'enable-policy': 'default',
      'antrea-agent.conf': 'featureGates:\n  AntreaPolicy: true',
      mesh: 'rootNamespace: x',
    },
  },
  'CiliumCIDRGroup.cilium.io': { spec: { externalCIDRs: ['10.0.0.0/8', '10.1.0.0/16'] } },
  'CiliumLocalRedirectPolicy.cilium.io': {
    spec: {
      redirectFrontend: {
        serviceMatcher: {
          serviceName: 'web',
          namespace: SAMPLE_NAMESPACE,
          toPorts: [{ port: '80', protocol: 'TCP', name: 'http' }],
        },
      },
      redirectBackend: {
        localEndpointSelector: LABELS,
        toPorts: [
          { port: '8080', protocol: 'TCP', name: 'http' },
          { port: '8443', protocol: 'TCP', name: 'https' },
        ],
      },
      skipRedirectFromBackend: true,
    },
  },
  'CiliumEnvoyConfig.cilium.io': {
    spec: { resources: [{ '@type': 'x.Listener', name: 'l', filterChains: [{ filters: [{ name: 'f' }] }] }] },
  },
  'CiliumClusterwideEnvoyConfig.cilium.io': { spec: { resources: [{ '@type': 'x.Listener', name: 'l' }] } },
  'Tier.crd.antrea.io': { spec: { priority: 120, description: 'x' } },
  'ClusterGroup.crd.antrea.io': { spec: { podSelector: LABELS, namespaceSelector: NAMESPACES } },
  'Group.crd.antrea.io': { spec: { ipBlocks: [BLOCK] } },
  'ExternalEntity.crd.antrea.io': {
    spec: {
      endpoints: [{ ip: '10.8.0.1', name: 'e' }],
      ports: [{ name: 'x', port: 1, protocol: 'TCP' }],
      externalNode: 'n',
    },
  },
  'AntreaControllerInfo.crd.antrea.io': { version: 'v2.2.0' },
  'Installation.operator.tigera.io': { spec: { cni: { type: 'Calico' }, calicoNetwork: { bgp: 'Enabled' } } },
  'Network.config.openshift.io': { spec: { networkType: 'OVNKubernetes' }, status: { networkType: 'OVNKubernetes' } },
  'Route.route.openshift.io': {
    spec: { host: 'a.example.com', to: { kind: 'Service', name: 'web' }, port: { targetPort: 'http' } },
  },
  'MultiNetworkPolicy.k8s.cni.cncf.io': { spec: { podSelector: LABELS, policyTypes: ['Ingress'] } },
  'NodeClass.eks.amazonaws.com': { spec: { networkPolicy: 'DefaultDeny' } },
  'PolicyEndpoint.networking.k8s.aws': { spec: { podSelector: LABELS, policyRef: { name: 'x' } } },
  'Gateway.gateway.networking.k8s.io': {
    spec: { gatewayClassName: 'x', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  },
  'Gateway.networking.istio.io': {
    spec: { selector: { istio: 'ingress' }, servers: [{ port: { number: 80 }, hosts: ['*'] }] },
  },
  'Sidecar.networking.istio.io': {
    spec: {
      workloadSelector: { labels: { app: 'web' } },
      egress: [{ hosts: ['./*', 'a/web.a.svc.cluster.local'] }],
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    },
  },
  'ServiceEntry.networking.istio.io': { spec: { hosts: ['a.example.com'], ports: [{ number: 443, protocol: 'TLS' }] } },
  'WorkloadEntry.networking.istio.io': {
    spec: { address: '10.8.0.2', labels: LABELS.matchLabels, serviceAccount: 'web', ports: { http: 8080 } },
  },
  'VirtualService.networking.istio.io': {
    spec: { hosts: ['a.example.com'], http: [{ route: [{ destination: { host: 'web' } }] }] },
  },
  'DestinationRule.networking.istio.io': {
    spec: { host: 'web', subsets: [{ name: 'v1', labels: LABELS.matchLabels }] },
  },
  'HTTPRoute.gateway.networking.k8s.io': {
    spec: { hostnames: ['a.example.com'], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
  },
  'GRPCRoute.gateway.networking.k8s.io': {
    spec: { hostnames: ['a.example.com'], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
  },
  'TLSRoute.gateway.networking.k8s.io': {
    spec: { hostnames: ['a.example.com'], rules: [{ backendRefs: [{ name: 'web', port: 443 }] }] },
  },
  'TCPRoute.gateway.networking.k8s.io': { spec: { rules: [{ backendRefs: [{ name: 'web', port: 5432 }] }] } },
  'UDPRoute.gateway.networking.k8s.io': { spec: { rules: [{ backendRefs: [{ name: 'web', port: 53 }] }] } },
  'ReferenceGrant.gateway.networking.k8s.io': {
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'TCPRoute', namespace: 'edge' }],
      to: [{ group: '', kind: 'Service', name: 'web' }],
    },
  },
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': { webhooks: [WEBHOOK] },
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': { webhooks: [WEBHOOK] },
  'APIService.apiregistration.k8s.io': {
    spec: { group: 'x.example.com', version: 'v1', service: { namespace: SAMPLE_NAMESPACE, name: 'web', port: 443 } },
  },
  'ClusterRole.rbac.authorization.k8s.io': { rules: [RIGHTS] },
  'ClusterRoleBinding.rbac.authorization.k8s.io': roleRef('ClusterRole'),
  'Role.rbac.authorization.k8s.io': { rules: [RIGHTS] },
  'RoleBinding.rbac.authorization.k8s.io': roleRef('Role'),
};

/** Kinds of which only certain names are read. */
const REQUIRED_NAMES: Readonly<Record<string, string>> = {
  BaselineAdminNetworkPolicy: 'default',
  ConfigMap: 'cilium-config',
  EgressFirewall: 'default',
};

/** A valid object of every watched kind, nearly all named `sample`; throws when a kind has none. */
export function sampleObjects(): readonly Body[] {
  return WATCHED_KINDS.map(({ group, versions, kind, namespaced }) => {
    const id = kindId({ group: group === 'crd.projectcalico.org' ? 'projectcalico.org' : group, kind });
    const body = BODIES[id];
    if (body === undefined) throw new Error(`no sample of ${id}`);
    const name = REQUIRED_NAMES[kind] ?? 'sample';
    return {
      apiVersion: group === '' ? versions[0] : `${group}/${versions[0]}`,
      kind,
      metadata: {
        name,
        labels: { app: 'web', 'kubernetes.io/service-name': 'web' },
        ...(namespaced ? { namespace: SAMPLE_NAMESPACE } : {}),
      },
      ...body,
    };
  });
}
