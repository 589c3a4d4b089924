import { describe, expect, it } from '@jest/globals';

import { rawNamespace, rawPod } from '../../testing/index.js';
import type { PolicyWorld } from '../../testing/index.js';
import {
  authentication,
  authorization,
  CLOSED,
  from,
  meshConfig,
  mode,
  object,
  rawMember,
  world,
} from '../../testing/mesh.js';

const revisioned = (revision: string, ...lines: readonly string[]): unknown => {
  const { metadata, ...config } = meshConfig(...lines) as { metadata: object };
  return { ...config, metadata: { ...metadata, name: `istio-${revision}` } };
};
const tagged = (tag: string, revision: string): unknown => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: `istio-revision-tag-${tag}`, labels: { 'istio.io/tag': tag, 'istio.io/rev': revision } },
});
const ofRevision = (revision: string): object => ({ labels: { 'istio.io/rev': revision } });
const pod = (namespace: string, name: string, ip: string): unknown =>
  rawPod(`${namespace}/${name}`, { labels: { app: name }, ip, serviceAccount: name });
/** Namespace late asks for revision 1-25, as does stable by a tag. */
const LATE: readonly unknown[] = [
  rawNamespace('late', { 'istio.io/rev': '1-25' }),
  rawNamespace('stable', { 'istio.io/rev': 'steady' }),
  pod('late', 'web', '10.7.0.1'),
  pod('late', 'fe', '10.7.0.2'),
  pod('stable', 'web', '10.7.1.1'),
];

describe('control planes of a mesh', () => {
  const asked = (w: PolicyWorld, peer = 'plain/fe'): readonly string[] =>
    ['side/web', 'late/web', 'stable/web'].map((to) => w.ask(peer, to));
  const strict = (namespace: string): unknown => authentication('strict', namespace, mode('STRICT'));

  it('IM-66 go by the revision of a sidecar, which a tag may stand for', () => {
    const apart = [meshConfig('rootNamespace: one'), revisioned('1-25', 'rootNamespace: two')];
    const w = (...more: readonly unknown[]): PolicyWorld => world(...LATE, ...apart, ...more);
    expect(asked(w(strict('one'), tagged('steady', '1-25')))).toEqual(['deny', 'allow', 'allow']);
    expect(asked(w(strict('two'), tagged('steady', '1-25')))).toEqual(['allow', 'deny', 'deny']);
    // Nobody tells what stands behind the tag, nor how that is configured.
    expect(asked(w(strict('one')))).toEqual(['deny', 'allow', 'allow']);
    expect(asked(w(strict('istio-system')))).toEqual(['allow', 'allow', 'deny']);
    // The usual revision may be a tag too.
    expect(asked(w(strict('two'), tagged('default', '1-25')))).toEqual(['deny', 'deny', 'allow']);
    // One configuration is everybody's.
    expect(asked(world(...LATE, revisioned('1-25', 'rootNamespace: two'), strict('two')))).toEqual(
      Array.from({ length: 3 }, () => 'deny'),
    );
  });

  it('IM-66 are told by the annotation of a pod that runs, and of ztunnel', () => {
    const apart = [meshConfig('rootNamespace: one'), revisioned('1-25', 'rootNamespace: two')];
    const running = (annotations: object, labels: object = {}): string =>
      world(...apart, strict('two'), rawMember('x', { uid: '1', proxy: true, annotations, labels })).ask(
        'plain/fe',
        'side/x',
      );
    expect([running({}), running({ 'istio.io/rev': '1-25' }), running({}, { 'istio.io/rev': '1-25' })]).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    const ztunnel = (annotations: object): unknown => ({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'ztunnel', namespace: 'istio-system' },
      spec: {
        selector: { matchLabels: { app: 'ztunnel' } },
        template: {
          metadata: { labels: { app: 'ztunnel' }, annotations },
          spec: { containers: [{ name: 'istio-proxy' }] },
        },
      },
    });
    const ambient = (annotations: object): string =>
      world(...apart, strict('two'), ztunnel(annotations)).ask('plain/fe', 'amb/web');
    expect([ambient({}), ambient({ 'istio.io/rev': '1-25' })]).toEqual(['allow', 'deny']);
  });

  it('IM-66 each name the trust domain of their own members, and their providers', () => {
    const apart = [meshConfig('trustDomain: old.example'), revisioned('1-25', 'trustDomain: new.example')];
    const only = (principal: string): unknown => authorization(from({ principals: [principal] }), 'side');
    const w = (principal: string): PolicyWorld => world(...LATE, ...apart, only(principal));
    const clients = (of: PolicyWorld): readonly string[] =>
      ['side/fe', 'late/fe'].map((peer) => of.ask(peer, 'side/web'));
    expect(clients(w('old.example/ns/side/*'))).toEqual(['allow', 'deny']);
    expect(clients(w('old.example/ns/late/*'))).toEqual(['deny', 'deny']);
    expect(clients(w('new.example/ns/late/*'))).toEqual(['deny', 'allow']);
    const custom = (namespace: string): unknown =>
      authorization({ action: 'CUSTOM', provider: { name: 'outside' }, rules: [{}] }, namespace);
    const provided = [meshConfig(), revisioned('1-25', 'extensionProviders:', '- name: outside')];
    expect(asked(world(...LATE, ...provided, custom('side'), custom('late')), 'side/fe').slice(0, 2)).toEqual([
      'deny',
      'unknown',
    ]);
  });

  it('IM-67 read objects with the label of their own revision alone', () => {
    const labelled = (revision: string): unknown =>
      authentication('strict', 'istio-system', mode('STRICT'), ofRevision(revision));
    expect(asked(world(...LATE, labelled('1-25')))).toEqual(['allow', 'deny', 'allow']);
    expect(asked(world(...LATE, labelled('default'), meshConfig()))).toEqual(['deny', 'allow', 'allow']);
    // A tag is no name of a revision there.
    expect(asked(world(...LATE, labelled('steady'), tagged('steady', '1-25')))).toEqual(['allow', 'allow', 'allow']);
    const closing = object('AuthorizationPolicy', 'late', 'all', {}, ofRevision('1-24'));
    expect(asked(world(...LATE, closing, CLOSED))).toEqual(['allow', 'allow', 'allow']);
    expect(world(...LATE, labelled('1-25')).ask('plain/fe', 'amb/web')).toBe('allow');
  });

  it('IM-68 look into the namespaces that they are told to alone', () => {
    const strict = (namespace: string): unknown => authentication('strict', namespace, mode('STRICT'));
    const told = (...lines: readonly string[]): PolicyWorld =>
      world(
        ...LATE,
        strict('side'),
        strict('late'),
        strict('istio-system'),
        rawNamespace('istio-system', {}),
        meshConfig(...lines),
      );
    expect(asked(told())).toEqual(['deny', 'deny', 'deny']);
    const injected = ['discoverySelectors:', '- matchLabels:', '    istio-injection: enabled'];
    // The root namespace is none of them.
    expect(asked(told(...injected))).toEqual(['deny', 'allow', 'allow']);
    const root = [
      '- matchExpressions:',
      '  - key: kubernetes.io/metadata.name',
      '    operator: In',
      '    values: [istio-system]',
    ];
    expect(asked(told(...injected, ...root))).toEqual(['deny', 'deny', 'deny']);
    expect(asked(told('discoverySelectors: [{matchLabels: {istio.io/rev: 1-25}}]'))).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
    // One that cannot be read counts for none.
    expect(asked(told(...injected, '- matchLabels:', '    "": x'))).toEqual(['deny', 'deny', 'deny']);
  });

  it('IM-68 do not show a Service of another namespace to sidecars', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'late' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    const ask = (mode: string, ...selected: readonly string[]): string => {
      const config = meshConfig('outboundTrafficPolicy:', `  mode: ${mode}`, ...selected);
      const w = world(...LATE, service, authentication('strict', 'late', { mtls: { mode: 'STRICT' } }), config);
      return w.decide('side/fe', 'late/web', 'TCP/80', undefined, 'late/web').verdict;
    };
    const apart = ['discoverySelectors:', '- matchLabels:', '    istio-injection: enabled'];
    expect([ask('ALLOW_ANY'), ask('REGISTRY_ONLY')]).toEqual(['allow', 'allow']);
    // What is passed through is plain text, but the server's policy is not read either.
    expect([ask('ALLOW_ANY', ...apart), ask('REGISTRY_ONLY', ...apart)]).toEqual(['allow', 'deny']);
  });
});
