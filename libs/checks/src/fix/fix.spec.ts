import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { compileSnapshot, formatConnections, subtractConnections } from '#engine';
import type { Json, JsonObject } from '#engine';
import { factsOf } from '#engine/testing';

import { connectivityDiff } from '../../../../test/conformance/runner/connectivity-diff.js';
import { denyAll, dns, namespace, node, pod, policy } from '../testing/objects.js';
import { applyFix } from './apply-fix.js';
import { applyObjects, deletePolicy, networkPolicy, operatorTask, withValueAt } from './make-fix.js';
import { predictFix } from './predict-fix.js';
import { toYaml } from './to-yaml.js';

describe('YAML', () => {
  const values: readonly JsonObject[] = [
    { kind: 'NetworkPolicy', metadata: { labels: { a: 'true', b: '1.10', 'x/y': 'z', n: 'no' } } },
    { empty: {}, none: [], list: [[1, 2], 'a b', { a: [{ b: null }] }, {}], text: '', colon: 'a: b', hash: '#x' },
    { ports: [{ port: 80 }, { port: 'http' }], yes: true, multi: 'one\ntwo', dash: '- x', star: '*' },
  ];

  it('is read as what was written', () => {
    expect(parseAllDocuments(toYaml(values)).map((document) => document.toJS() as unknown)).toEqual(values);
  });

  it('looks as people write it', () => {
    expect(toYaml([networkPolicy('shop', 'p', { podSelector: {}, policyTypes: ['Ingress'] })])).toBe(
      [
        'apiVersion: networking.k8s.io/v1',
        'kind: NetworkPolicy',
        'metadata:',
        '  name: p',
        '  namespace: shop',
        'spec:',
        '  podSelector: {}',
        '  policyTypes:',
        '    - Ingress',
        '',
      ].join('\n'),
    );
    expect(parse(toYaml(values.slice(0, 1)))).toEqual(values[0]);
  });
});

describe('replacing a value', () => {
  const spec: Json = { a: [{ b: 1 }, { b: 2 }], 'x/y': { z: 1 } };
  it.each([
    ['/a/1/b', 3, { a: [{ b: 1 }, { b: 3 }], 'x/y': { z: 1 } }],
    ['/a/0', undefined, { a: [{ b: 2 }], 'x/y': { z: 1 } }],
    ['/x~1y/z', 2, { a: [{ b: 1 }, { b: 2 }], 'x/y': { z: 2 } }],
    ['/new', 1, { ...spec, new: 1 }],
    ['/a', undefined, { 'x/y': { z: 1 } }],
    ['/gone', undefined, spec],
  ] as const)('at %s', (at, value, expected) => {
    expect(withValueAt(spec, at, value as Json | undefined)).toEqual(expected);
  });
});

describe('a fix', () => {
  const facts = factsOf(node(), namespace('shop'), pod('shop/web'), pod('shop/api'), denyAll('shop', 'Ingress'));
  const snapshot = compileSnapshot(facts);
  const ref = { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: 'shop', name: 'default-deny' };

  it('is applied to a copy', () => {
    const after = applyFix(snapshot, deletePolicy(ref));
    expect(after.index.policies).toEqual([]);
    expect(snapshot.index.policies.length).toBe(1);
  });

  it('that takes a policy away opens what it closed, for pods of today and tomorrow', () => {
    const prediction = predictFix(snapshot, deletePolicy(ref))!;
    expect(prediction.closed).toBe(0);
    expect(prediction.changes).toContainEqual({
      source: 'shop/web[Pod]',
      destination: 'shop/api[Pod]',
      opens: 'all',
      closes: 'none',
    });
    expect(prediction.changes.some(({ destination }) => destination === 'shop/(a new pod)')).toBe(true);
    expect(prediction.opened).toBe(prediction.changes.length);
  });

  it('that says what is there already changes nothing', () => {
    const same = applyObjects('again', [networkPolicy('shop', 'again', { podSelector: {}, policyTypes: ['Ingress'] })]);
    expect(predictFix(snapshot, same)).toEqual({ changes: [], opened: 0, closed: 0 });
  });

  it('is predicted as the comparison of the whole snapshots tells it', () => {
    const cluster = factsOf(
      node(),
      namespace('shop'),
      namespace('pay'),
      ...dns(5353),
      pod('shop/web', { port: 8080 }),
      pod('shop/api'),
      pod('pay/gateway', { port: 8443 }),
      pod('pay/agent', { hostNetwork: true, ip: '172.18.0.2' }),
      denyAll('shop', 'Ingress'),
      policy('pay/p', {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'api' } } }],
            ports: [{ port: 'http' }],
          },
        ],
        egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.128/25'] } }], ports: [{ port: 443 }] }],
      }),
    );
    const before = compileSnapshot(cluster);
    const fixes = [
      deletePolicy({ ...ref, namespace: 'pay', name: 'p' }),
      deletePolicy(ref),
      applyObjects('close', [networkPolicy('pay', 'p', { podSelector: {}, policyTypes: ['Egress'] })]),
      applyObjects('open', [
        networkPolicy('shop', 'more', {
          podSelector: {},
          policyTypes: ['Ingress'],
          ingress: [{ ports: [{ port: 8080 }] }],
        }),
      ]),
    ];
    for (const fix of fixes) {
      const whole = connectivityDiff(before, applyFix(before, fix), { families: [4, 6] });
      const told = predictFix(before, fix)!.changes.filter(
        ({ source, destination }) => !(source + destination).includes('new pod'),
      );
      const line = (change: { source: unknown; destination: unknown }): string =>
        `${change.source} ${change.destination}`;
      expect(told.map(line).sort()).toEqual(
        whole.map(({ source, destination }) => line({ source: source.key, destination: destination.key })).sort(),
      );
      for (const { source, destination, before: was, after: is } of whole) {
        expect(told).toContainEqual({
          source: source.key,
          destination: destination.key,
          opens: formatConnections(subtractConnections(is, was)),
          closes: formatConnections(subtractConnections(was, is)),
        });
      }
    }
  });

  it('is predicted for each pair with the host of a node where some pods are exempt as they run there', () => {
    const before = compileSnapshot(
      factsOf(
        node('n1'),
        node('n2'),
        namespace('shop'),
        namespace('sys'),
        pod('shop/a', { node: 'n1' }),
        pod('shop/b', { node: 'n2' }),
        pod('sys/agent', { node: 'n1', hostNetwork: true, ip: '172.18.0.2' }),
      ),
    );
    const fix = applyObjects('close', [networkPolicy('shop', 'p', { podSelector: {}, policyTypes: ['Ingress'] })]);
    const told = predictFix(before, fix)!.changes.filter(({ source }) => source === 'sys/agent[Pod]');
    expect(told.map(({ destination, closes }) => [destination, closes])).toEqual([
      ['shop/b[Pod]', 'all'],
      ['shop/(a new pod)', 'all'],
    ]);
  });

  it('that is work for people has no prediction', () => {
    expect(predictFix(snapshot, operatorTask('do it', ''))).toBeNull();
  });

  it('that no API server would take is refused', () => {
    const bad = applyObjects('bad', [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: {} }]);
    expect(() => applyFix(snapshot, bad)).toThrow(/the fix `bad` is not a valid object/);
  });
});
