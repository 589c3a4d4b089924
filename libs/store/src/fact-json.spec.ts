import { describe, expect, it } from '@jest/globals';
import { normaliseObject, type Fact } from '#engine';
import { factFromText, packFact } from './fact-json.js';

const factOf = (raw: object): Fact => normaliseObject(raw).fact as Fact;
const pod = (metadata: object): Fact =>
  factOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop', ...metadata } });
const policy = (spec: object): Fact =>
  factOf({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny' }, spec });

describe('packFact', () => {
  it('has one hash for one content, whatever the order of keys and whatever is dropped', () => {
    const plain = packFact(pod({ labels: { app: 'web', tier: 'front' } }));
    expect(packFact(pod({ managedFields: [{}], labels: { tier: 'front', app: 'web' } }))).toEqual(plain);
    expect(plain.hash).toMatch(/^[0-9a-f]{32}$/);
    const kept = packFact(policy({ podSelector: {}, ingress: [] }));
    expect(packFact(policy({ ingress: [], podSelector: {} })).hash).toBe(kept.hash);
  });

  it('has another hash for anything that is kept', () => {
    expect(packFact(pod({ labels: { app: 'api' } })).hash).not.toBe(packFact(pod({ labels: { app: 'web' } })).hash);
    expect(packFact(policy({ podSelector: {} })).hash).not.toBe(packFact(policy({ podSelector: { a: 1 } })).hash);
  });
});

describe('factFromText', () => {
  it('gives the fact back, with maps that lead to no prototype', () => {
    const labels = JSON.parse('{"__proto__":"x","constructor":"y"}') as object;
    const fact = pod({ labels });
    const read = factFromText(packFact(fact).text);
    expect(read).toEqual(fact);
    expect(read.meta.labels).toEqual(fact.meta.labels);
    expect(Object.keys(read.meta.labels)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(read.meta.labels)).toBeNull();
    expect(Object.getPrototypeOf(read.meta.annotations)).toBeNull();
  });
});
