import { describe, expect, it } from '@jest/globals';
import { normaliseObject, type Fact, type PodFact } from '#engine';
import { EqualParts } from './equal-parts.js';
import { factFromText, packFact } from './fact-json.js';

const factOf = (raw: object): Fact => normaliseObject(raw).fact as Fact;
const pod = (metadata: object, rest: object = {}): Fact =>
  factOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop', ...metadata }, ...rest });

describe('EqualParts', () => {
  const stored = (fact: Fact): PodFact => factFromText(packFact(fact).text) as PodFact;
  const facts = ['a', 'a', 'b'].map((app, at) => pod({ name: `pod-${String(at)}`, labels: { app }, annotations: {} }));

  it('makes one of what is equal in facts, and changes none', () => {
    const parts = new EqualParts();
    const [one, same, other] = facts.map((fact) => parts.unite(stored(fact))) as [PodFact, PodFact, PodFact];
    expect([one, same, other]).toEqual(facts);
    expect(same.shape).toBe(one.shape);
    expect(same.meta.labels).toBe(one.shape.labels);
    expect(other.shape).not.toBe(one.shape);
    expect(other.shape.containers).toBe(one.shape.containers);
    expect(Object.getPrototypeOf(other.meta.annotations)).toBeNull();
  });

  it('gives away the parts of what it learns, which stays as it is', () => {
    const [one, same, other] = facts.map(stored) as [PodFact, PodFact, PodFact];
    const shapes = [one.shape, same.shape];
    const parts = new EqualParts();
    parts.learn(one);
    parts.learn(same);
    expect([one.shape, same.shape].map((shape, at) => shape === shapes[at])).toEqual([true, true]);
    expect(parts.unite(other).meta.annotations).toBe(one.meta.annotations);
  });

  describe('read', () => {
    const words = {
      node: 'n',
      owner: '},"owner":',
      annotations: '},"annotations":{',
      shape: ',"shape":{',
      '},"node":"': 'x',
    };
    const awkward = [
      pod({ labels: words, annotations: { 'k8s.v1.cni.cncf.io/networks': ',"labels":{},"createdAt":"' } }),
      pod(
        { name: ',"labels":{', labels: JSON.parse('{"__proto__":"x"}') as object },
        { spec: { nodeName: '},"node":"' } },
      ),
      pod({
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: '1', controller: true }],
      }),
      factOf({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'odd', labels: words },
        spec: { shape: { x: {}, node: {} }, labels: { annotations: {}, owner: { createdAt: '' } }, node: '' },
      }),
      factOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'rejected', labels: { a: 1 } } }),
      factOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: words } }),
      factOf({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'shop' },
        spec: { template: { metadata: { labels: words }, spec: {} } },
      }),
    ];

    it('gives what is stored, twice over, with no map that leads to a prototype', () => {
      const parts = new EqualParts();
      for (const fact of [...awkward, ...awkward, ...facts]) {
        const { text } = packFact(fact);
        const read = parts.read(text);
        expect(read).toEqual(factFromText(text));
        expect(JSON.stringify(read)).toBe(text);
        for (const map of [read.meta.labels, read.meta.annotations]) expect(Object.getPrototypeOf(map)).toBeNull();
        if (read.type === 'pod') expect(Object.getPrototypeOf(read.shape.labels)).toBeNull();
      }
    });

    it('makes one of what is equal in what it reads and in what it unites', () => {
      const parts = new EqualParts();
      const [one, same, other] = facts.map((fact) => parts.read(packFact(fact).text)) as [PodFact, PodFact, PodFact];
      expect(same.shape).toBe(one.shape);
      expect(same.meta.labels).toBe(one.shape.labels);
      expect(other.shape).not.toBe(one.shape);
      expect(other.shape.containers).toBe(one.shape.containers);
      expect(parts.unite(stored(facts[1] as Fact)).shape).toBe(one.shape);
    });

    it.each([
      [
        'in another order',
        '{"meta":{"createdAt":"","owner":null,"annotations":{},"labels":{},"name":"a"},"type":"pod"}',
      ],
      [
        'with a map in a map',
        '{"meta":{"name":"a","labels":{"b":{"c":"d"},"annotations":{}},"owner":null,"createdAt":""}}',
      ],
      ['elsewhere', '{"raw":{"a":1,"labels":{},"annotations":{},"owner":1,"createdAt":""},"meta":{"name":"a"}}'],
    ])('reads parts that stand %s as they are', (_where, text) => {
      expect(new EqualParts().read(text)).toEqual(factFromText(text));
    });
  });
});
