import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { compileSnapshot } from '#engine';
import type { JsonObject } from '#engine';
import { factsOf } from '#engine/testing';

import { API_SERVER, daemonSet, denyAll, dns, namespace, node, pod, policy, service } from '../testing/objects.js';
import { fillPattern, type PatternOptions } from './patterns.js';

const two = [
  node(),
  namespace('shop'),
  namespace('pay'),
  pod('shop/web', { port: 8080 }),
  pod('pay/api', { port: 80 }),
];
const fillWith = (id: string, options: PatternOptions, ...objects: unknown[]) =>
  fillPattern(compileSnapshot(factsOf(...two, ...objects)), id, 'shop', options);
const fill = (id: string, ...objects: unknown[]) => fillWith(id, {}, ...objects);
const changes = (filled: ReturnType<typeof fill>): string[] =>
  filled === null || !('prediction' in filled)
    ? []
    : filled.prediction.changes.map((one) => `${one.source} -> ${one.destination} +${one.opens} -${one.closes}`);

describe('patterns', () => {
  it.each(['default-deny', 'allow-dns', 'namespace-isolation', 'apiserver-egress'])(
    '%s is filled in as valid policies of the namespace',
    (id) => {
      const filled = fill(id, ...dns(), ...API_SERVER);
      expect(filled).toMatchObject({ pattern: { id }, manifest: expect.stringContaining('namespace: shop') });
    },
  );

  it('default-deny closes the namespace and leaves DNS open', () => {
    const told = changes(fill('default-deny', ...dns(5353)));
    expect(told).toContain('pay/api[Pod] -> shop/web[Pod] +none -all');
    expect(told).toContain(
      'shop/web[Pod] -> kube-system/coredns[Pod] +none -TCP 1-5352, 5354-65535; UDP 1-5352, 5354-65535; SCTP any',
    );
    expect(fill('default-deny', ...dns(5353))).toMatchObject({ prediction: { opened: 0 } });
  });

  it('allow-dns opens the ports of the resolvers and nothing else', () => {
    expect(changes(fill('allow-dns', ...dns(5353), denyAll('shop', 'Egress')))).toContain(
      'shop/web[Pod] -> kube-system/coredns[Pod] +TCP 5353; UDP 5353 -none',
    );
  });

  it.each(['kubernetes', 'cilium'] as const)('leaves out what is there already, said in %s', (form) => {
    const both = fillWith('default-deny', { form }, ...dns()) as { readonly objects: readonly unknown[] };
    expect(fillWith('default-deny', { form }, ...dns(), ...both.objects)).toMatchObject({
      manifest: '',
      objects: [],
      note: 'there already: shop/allow-dns, shop/default-deny',
      prediction: { changes: [], opened: 0, closed: 0 },
    });
    const [deny, way] = both.objects;
    expect(fillWith('default-deny', { form }, ...dns(), deny)).toMatchObject({
      objects: [way],
      note: expect.stringMatching(/^there already: shop\/default-deny; add the connections/),
    });
    const narrower = policy('shop/default-deny', { podSelector: { matchLabels: { app: 'web' } } });
    expect(fillWith('default-deny', { form }, ...dns(), narrower)).toMatchObject({
      objects: [{ metadata: { name: 'default-deny-2' } }, { metadata: { name: 'allow-dns' } }],
    });
  });

  it('say that names stay closed, where a tier above or nothing known leads to them', () => {
    const tier = {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'nothing-out' },
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        egress: [{ action: 'Deny', to: [{ namespaces: {} }] }],
      },
    };
    const still = 'pods still cannot look names up with it: another policy denies that before, or at the resolvers';
    expect(fill('allow-dns', ...dns(), tier)).toMatchObject({ note: still });
    expect(fill('allow-dns', ...dns())).toMatchObject({ note: '' });
    expect(fill('default-deny')).toMatchObject({
      note: expect.stringMatching(/the way to DNS too, as the inventory has no cluster DNS Service/),
    });
  });

  it('namespace-isolation closes what comes from elsewhere', () => {
    const told = changes(fill('namespace-isolation'));
    expect(told).toContain('pay/api[Pod] -> shop/web[Pod] +none -all');
    expect(told.filter((line) => line.startsWith('shop/'))).toEqual([]);
  });

  it('apiserver-egress opens the endpoint, not the Service', () => {
    expect(changes(fill('apiserver-egress', ...API_SERVER, denyAll('shop', 'Egress')))).toContain(
      'shop/web[Pod] -> 172.18.0.10 +TCP 6443 -none',
    );
  });

  it('say what the inventory lacks', () => {
    expect(fill('allow-dns')).toMatchObject({ missing: expect.stringContaining('no cluster DNS') });
    expect(fill('apiserver-egress')).toMatchObject({ missing: expect.stringContaining('default/kubernetes') });
    expect(fillPattern(compileSnapshot(factsOf(...two)), 'default-deny', 'none')).toMatchObject({
      missing: 'there is no namespace `none`',
    });
    expect(fill('no-such-pattern')).toBeNull();
  });

  const chain = [
    pod('ingress/controller', { port: 80, labels: { app: 'ingress-nginx' } }),
    pod('shop/api', { port: 9000 }),
    pod('shop/db', { port: 5432 }),
    service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
    service('shop/api', { selector: { app: 'api' }, ports: [{ port: 80, targetPort: 9000 }] }),
    service('shop/db', { selector: { app: 'db' }, ports: [{ port: 5432 }] }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop', namespace: 'shop' },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    },
  ];

  it.each(['kubernetes', 'cilium', 'calico'] as const)(
    'tier-chain leaves each tier to the one before it, as %s',
    (form) => {
      const filled = fillWith('tier-chain', { form }, ...dns(), ...chain);
      expect(filled).toMatchObject({ note: expect.stringContaining('the controller → web → api → db') });
      const allowed = (from: string, to: string): string | undefined =>
        changes(filled).find((line) => line.startsWith(`${from} -> ${to} `));
      expect(allowed('ingress/controller[Pod]', 'shop/web[Pod]')).toMatch(/ \+none -TCP 1-8079, 8081-65535;/);
      expect(allowed('shop/web[Pod]', 'shop/api[Pod]')).toMatch(/ \+none -TCP 1-8999, 9001-65535;/);
      expect(allowed('shop/api[Pod]', 'shop/db[Pod]')).toMatch(/ \+none -TCP 1-5431, 5433-65535;/);
      expect(allowed('shop/web[Pod]', 'shop/db[Pod]')).toMatch(/ \+none -all$/);
      expect(allowed('pay/api[Pod]', 'shop/web[Pod]')).toMatch(/ \+none -all$/);
      expect(fill('tier-chain')).toMatchObject({ missing: expect.stringContaining('no Ingress, Route or Gateway') });
    },
  );

  it('metrics-scraping admits the scraper to the ports of metrics', () => {
    const prometheus = pod('pay/prometheus', { labels: { app: 'prometheus' } });
    const api = pod('shop/metered', { ports: [{ name: 'metrics', containerPort: 9090 }] });
    const asked = pod('shop/asked', { port: 8080 }) as { readonly metadata: object };
    const annotated = {
      ...asked,
      metadata: { ...asked.metadata, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8081' } },
    };
    const filled = fill('metrics-scraping', prometheus, api, annotated, denyAll('shop', 'Ingress'));
    expect(changes(filled)).toEqual([
      'pay/prometheus[Pod] -> shop/asked[Pod] +TCP 8081 -none',
      'pay/prometheus[Pod] -> shop/metered[Pod] +TCP 9090 -none',
    ]);
    expect(fill('metrics-scraping', prometheus)).toMatchObject({
      missing: expect.stringContaining('no pod of shop asks'),
    });
  });

  it('external-services opens blocks in any kind of policy, and names in one that knows them', () => {
    const closed = denyAll('shop', 'Egress');
    const block = fillWith('external-services', { outside: ['198.51.100.0/24'], port: 5432 }, closed);
    expect(changes(block)).toContain('shop/web[Pod] -> 198.51.100.0/24 +TCP 5432 -none');
    expect(fillWith('external-services', { outside: ['pay.example.com'], form: 'calico' }, closed)).toMatchObject({
      missing:
        '`pay.example.com` is a name, which this kind of policy does not know: give blocks, or ask for the form `cilium`',
    });
    expect(fillWith('external-services', { outside: ['pay.example.com'] }, closed)).toMatchObject({
      missing: expect.stringContaining('which network plugin enforces policy here is not known'),
    });
    expect(fillWith('external-services', { outside: ['pay.example.com'], form: 'cilium' }, ...dns())).toMatchObject({
      manifest: expect.stringMatching(/matchName: pay\.example\.com[\s\S]*matchPattern: "\*"/),
    });
    expect(fill('external-services')).toMatchObject({ missing: expect.stringContaining('say which services') });
  });

  it('external-services says names in the kind of policy that the network plugin has for them', () => {
    const outside = ['pay.example.com', '198.51.100.0/24'];
    const told = (name: string, image: string, ...more: readonly unknown[]) => {
      const agent = daemonSet(`kube-system/${name}`, {
        hostNetwork: true,
        containers: [{ name: name === 'cilium' ? 'cilium-agent' : name, image }],
      });
      const filled = fillWith('external-services', { outside }, ...dns(), agent, ...more);
      if (filled === null || !('objects' in filled)) throw new Error(JSON.stringify(filled));
      return {
        ...filled,
        kinds: filled.objects.map((object) => [object['apiVersion'], object['kind']]),
      };
    };
    const cilium = told('cilium', 'quay.io/cilium/cilium:v1.18.0');
    expect(cilium.kinds).toEqual([['cilium.io/v2', 'CiliumNetworkPolicy']]);
    const antrea = told('antrea-agent', 'antrea/antrea-agent-ubuntu:v2.3.0');
    expect(antrea.kinds).toEqual([
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['crd.antrea.io/v1beta1', 'NetworkPolicy'],
    ]);
    expect(antrea.manifest).toMatch(/fqdn: pay\.example\.com/);
    expect(changes(antrea)).toContain(
      'shop/web[Pod] -> kube-system/coredns[Pod] +none -TCP 1-52, 54-65535; UDP 1-52, 54-65535; SCTP any',
    );
    const both = told('antrea-agent', 'antrea/antrea-agent-ubuntu:v2.3.0', ...antrea.objects);
    expect(both).toMatchObject({ objects: [], note: 'there already: shop/allow-external, shop/allow-external-names' });
    const withoutDns = daemonSet('kube-system/antrea-agent', {
      hostNetwork: true,
      containers: [{ name: 'antrea-agent', image: 'antrea/antrea-agent-ubuntu:v2.3.0' }],
    });
    expect(fillWith('external-services', { outside }, withoutDns)).toMatchObject({
      missing: expect.stringMatching(/^names need the way to DNS/),
    });
  });

  it('allow-dns allows the cache of each node by its address', () => {
    const cache = daemonSet('kube-system/node-local-dns', {
      hostNetwork: true,
      containers: [{ name: 'c', image: 'cache' }],
    });
    expect(changes(fill('allow-dns', ...dns(), cache, denyAll('shop', 'Egress')))).toContain(
      'shop/web[Pod] -> 169.254.20.10 +TCP 53; UDP 53 -none',
    );
  });

  it('internet-watch writes a rule for Falco that exempts who gave a reason', () => {
    const meant = pod('shop/mailer', { labels: { app: 'mailer' } }) as { readonly metadata: object };
    const reason = { 'netpol-atlas/internet-egress': 'sends mail' };
    const watched = fill('internet-watch', { ...meant, metadata: { ...meant.metadata, annotations: reason } });
    const rules = parse((watched as { readonly manifest: string }).manifest) as readonly Record<string, unknown>[];
    expect(rules).toHaveLength(1);
    expect(rules[0]).toMatchObject({ priority: 'WARNING', output: expect.stringContaining('%fd.sip') });
    expect(rules[0]?.['condition']).toContain('k8s.ns.name = "shop"');
    expect(rules[0]?.['condition']).toMatch(
      / and not \(fd\.type = ipv4 and fd\.snet in \("0\.0\.0\.0\/8", "10\.0\.0\.0\/8", [^:]*, "224\.0\.0\.0\/3", "10\.244\.0\.0\/24"\)\) and /,
    );
    expect(rules[0]?.['condition']).toContain(
      ' and not (fd.type = ipv6 and fd.snet in ("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "3fff::/20")) and ',
    );
    expect(rules[0]?.['condition']).toContain('not (k8s.pod.label[app] = "mailer")');
  });
});

describe('bundles', () => {
  const documents = (options: PatternOptions): readonly Readonly<Record<string, unknown>>[] =>
    parseAllDocuments((fillWith('default-deny', options, ...dns()) as { readonly manifest: string }).manifest).map(
      (document) => document.toJS() as Readonly<Record<string, unknown>>,
    );

  it('are kept in place by Kyverno', () => {
    const [policy, ...others] = documents({ as: 'kyverno' });
    expect(others).toEqual([]);
    expect(policy).toMatchObject({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      spec: {
        rules: [
          {
            name: 'default-deny',
            match: { any: [{ resources: { kinds: ['Namespace'], names: ['shop'] } }] },
            generate: {
              synchronize: true,
              kind: 'NetworkPolicy',
              namespace: '{{request.object.metadata.name}}',
              data: { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } },
            },
          },
          { name: 'allow-dns' },
        ],
      },
    });
  });

  it('are kept in place by the newer kind of Kyverno, each as it is', () => {
    const [policy, ...others] = documents({ as: 'kyverno-generating' });
    const generate = (policy?.['spec'] as { readonly generate: { template: { value: string } }[] }).generate;
    expect(others).toEqual([]);
    expect(policy).toMatchObject({ apiVersion: 'policies.kyverno.io/v1', kind: 'GeneratingPolicy' });
    expect(generate.map(({ template }) => parse(template.value) as unknown)).toEqual(documents({}));
  });

  it('are looked for by Gatekeeper, with what it needs to know', () => {
    const guards = documents({ as: 'gatekeeper' });
    expect(guards.map(({ kind }) => kind)).toEqual(['SyncSet', 'ConstraintTemplate', 'K8sDefaultDeny']);
    expect(guards[1]).toMatchObject({
      metadata: { name: 'k8sdefaultdeny' },
      spec: { targets: [{ rego: expect.stringMatching(/^package k8sdefaultdeny\n\nviolation/) }] },
    });
    expect(fillWith('default-deny', { as: 'gatekeeper' }, ...dns())).toMatchObject({
      manifest: expect.stringContaining('rego: |\n        package k8sdefaultdeny\n\n        violation['),
      note: expect.stringContaining('opens and closes nothing'),
      prediction: { changes: [] },
    });
    expect(fillWith('allow-dns', { as: 'gatekeeper' }, ...dns())).toMatchObject({
      missing: expect.stringContaining('default-deny'),
    });
  });

  it.each(['cilium', 'calico'] as const)('are written natively as %s, and close the same', (form) => {
    const plain = changes(fillWith('default-deny', {}, ...dns()));
    expect(changes(fillWith('default-deny', { form }, ...dns()))).toEqual(plain);
    expect(plain.length).toBeGreaterThan(0);
  });
});

describe('guard rails', () => {
  const filled = (...extra: readonly unknown[]): { readonly note: string; readonly objects: readonly JsonObject[] } =>
    fill('guard-rails', ...extra) as never;
  const bound = (objects: readonly JsonObject[]): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      objects
        .filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
        .map(({ metadata, spec }) => [
          (metadata as { readonly name: string }).name,
          (spec as { readonly validationActions: unknown }).validationActions,
        ]),
    );

  it('refuse what nobody does today, and only warn of guesses', () => {
    expect(bound(filled().objects)).toEqual({
      'no-split-selectors-in-shop': ['Warn'],
      'policy-types-written-out-in-shop': ['Warn'],
      'no-ports-for-every-pod-in-shop': ['Warn'],
      'no-host-network-in-shop': ['Deny'],
      'no-ephemeral-containers-in-shop': ['Deny'],
      'no-host-port-in-shop': ['Deny'],
      'no-network-rights-in-shop': ['Deny'],
      'no-external-ips-in-shop': ['Deny'],
    });
  });

  it('only warn where they would refuse what is there, and name it', () => {
    const { objects, note } = filled(pod('shop/agent', { hostNetwork: true }));
    expect(bound(objects)).toMatchObject({ 'no-host-network-in-shop': ['Warn'], 'no-host-port-in-shop': ['Deny'] });
    expect(note).toContain('no-host-network for agent');
  });
});
