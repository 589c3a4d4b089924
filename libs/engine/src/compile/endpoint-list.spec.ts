import { describe, expect, it } from '@jest/globals';

import { normaliseObject } from '../normalise/normalise-object.js';
import { objectKey } from '../model/index.js';
import type { Fact } from '../model/index.js';
import { compileSnapshot } from './compile-snapshot.js';
import { updateSnapshot } from './update-snapshot.js';

const factOf = (manifest: unknown): Fact => normaliseObject(manifest).fact as Fact;
const inNamespace = (kind: string, namespace: string, name: string, spec: object): Fact =>
  factOf({ apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1', kind, metadata: { namespace, name }, spec });
const pod = (namespace: string, name: string): Fact => inNamespace('Pod', namespace, name, { containers: [] });
const template = (namespace: string, name: string): Fact =>
  inNamespace('Deployment', namespace, name, { template: { spec: { containers: [] } } });
const node = factOf({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });

const namesOf = (endpoints: ReturnType<typeof compileSnapshot>['endpoints']): string[] =>
  endpoints.map(({ kind, namespace, name, hypothetical }) => `${hypothetical ? '?' : ''}${kind} ${namespace}/${name}`);

describe('the endpoints of a snapshot', () => {
  const first = [node, pod('b', 'x'), pod('d', 'x'), template('b', 't'), template('e', 't')];

  it('are those of a fresh one after many changes that nobody looked at, and the first list stays as it was', () => {
    const before = compileSnapshot(first);
    const told = namesOf(before.endpoints);
    const added = Array.from({ length: 600 }, (_, i) => pod(`c${String(i)}`, 'x'));
    const facts = [...added, pod('a', 'y'), pod('b', 'y'), template('f', 't'), template('b', 'u')];
    let snapshot = before;
    for (const fact of facts) snapshot = updateSnapshot(snapshot, { upserts: [fact] });
    snapshot = updateSnapshot(snapshot, { removes: [(first[2] as Fact).meta, (first[3] as Fact).meta] });
    const left = [...first.filter((_, i) => i !== 2 && i !== 3), ...facts];
    expect(namesOf(snapshot.endpoints)).toEqual(namesOf(compileSnapshot(left).endpoints));
    expect(namesOf(before.endpoints)).toEqual(told);
    expect(told).toEqual(['pod b/x', 'pod d/x', '?pod b/t', '?pod e/t', 'node /n']);
  });

  it('are those of a fresh one whether little or much of them changed since somebody looked', () => {
    const pods = Array.from({ length: 40 }, (_, i) => pod(`n${String(i % 20)}`, `p${String(i)}`));
    const before = compileSnapshot(pods);
    const come = Array.from({ length: 20 }, (_, i) => pod(`n${String(i)}`, 'new'));
    let snapshot = before;
    for (const [i, fact] of come.entries()) {
      snapshot = updateSnapshot(snapshot, { upserts: [fact] });
      const now = updateSnapshot(snapshot, { removes: [(pods[i] as Fact).meta] });
      const left = [...pods.filter((_, at) => at !== i), ...come.slice(0, i + 1)];
      expect(namesOf(now.endpoints)).toEqual(namesOf(compileSnapshot(left).endpoints));
    }
    expect(namesOf(before.endpoints)).toEqual(namesOf(compileSnapshot(pods).endpoints));
  });

  it('are found by name, before and after changes, and not where they are not any more', () => {
    const pods = ['a', 'b', 'd'].flatMap((namespace) => ['m', 'n', 'o'].map((name) => pod(namespace, name)));
    const before = compileSnapshot([...pods, template('b', 'p'), template('e', 'm'), node]);
    const after = updateSnapshot(before, {
      upserts: [pod('b', 'p'), pod('c', 'n')],
      removes: [(pods[4] as Fact).meta],
    });
    const found = ({ directory }: typeof before): string[] =>
      ['', 'a', 'b', 'c', 'd', 'e'].flatMap((namespace) =>
        ['l', 'm', 'n', 'o', 'p'].flatMap((name) => {
          const endpoint = directory.pod(namespace, name);
          return endpoint === null ? [] : namesOf([endpoint]);
        }),
      );
    const told = ['pod a/m', 'pod a/n', 'pod a/o', 'pod b/m', 'pod b/n', 'pod b/o', 'pod d/m', 'pod d/n', 'pod d/o'];
    expect(found(before)).toEqual(told);
    const now = [...told.filter((name) => name !== 'pod b/n'), 'pod b/p', 'pod c/n'].sort();
    expect(found(after)).toEqual(now);
    expect(after.endpoints).toHaveLength(before.endpoints.length + 1);
    expect(found(after)).toEqual(now);
    expect(found(before)).toEqual(told);
  });

  it('are those that they were where a pod beside them came, changed, finished or went, and else made anew', () => {
    const finished = factOf({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'b', name: 'c' },
      status: { phase: 'Failed' },
    });
    const others = ['a', 'c', 'e', 'g'].map((name) => pod('b', name));
    const labelled = inNamespace('Pod', 'b', 'c', { hostNetwork: true, containers: [] });
    const meta = { namespace: 'b', name: 'default', labels: { of: 'b' } };
    const account = factOf({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta });
    let snapshot = compileSnapshot(others);
    let facts: readonly Fact[] = others;
    const steps: readonly (readonly [change: Fact, stay: readonly string[]])[] = [
      [pod('b', 'd'), ['a', 'c', 'e', 'g']],
      [labelled, ['a', 'd', 'e', 'g']],
      [finished, ['a', 'd', 'e', 'g']],
      [pod('b', 'h'), ['a', 'd', 'e', 'g']],
      [pod('b', 'c'), ['a', 'd', 'e', 'g', 'h']],
      [account, []],
    ];
    for (const [change, stay] of steps) {
      const before = new Set(snapshot.endpoints);
      snapshot = updateSnapshot(snapshot, { upserts: [change] });
      facts = [...facts.filter(({ meta }) => objectKey(meta) !== objectKey(change.meta)), change];
      expect(snapshot.endpoints).toEqual(compileSnapshot(facts).endpoints);
      expect(snapshot.endpoints.filter((each) => before.has(each)).map(({ name }) => name)).toEqual(stay);
    }
    const gone = updateSnapshot(snapshot, { removes: [(others[2] as Fact).meta] });
    expect(gone.endpoints.map(({ name }) => name)).toEqual(['a', 'c', 'd', 'g', 'h']);
    expect(gone.endpoints.every((each) => snapshot.endpoints.includes(each))).toBe(true);
  });

  it('are put together once, and again after the next change', () => {
    const one = updateSnapshot(compileSnapshot(first), { upserts: [pod('a', 'x')] });
    expect(one.endpoints).toBe(one.endpoints);
    expect(namesOf(updateSnapshot(one, { upserts: [pod('a', 'y')] }).endpoints).slice(0, 3)).toEqual([
      'pod a/x',
      'pod a/y',
      'pod b/x',
    ]);
  });

  it('have the labels and mesh groups that their namespace has now, whatever else changed with it', () => {
    const labelled = (name: string, labels: Record<string, string>): Fact =>
      factOf({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    const objects = [...first, pod('b', 'y'), labelled('b', { team: 'red' }), labelled('d', {})];
    let snapshot = compileSnapshot(objects);
    let facts: readonly Fact[] = objects;
    const steps: readonly (readonly Fact[])[] = [
      [labelled('b', { team: 'blue' })],
      [labelled('b', { team: 'green' }), pod('b', 'z')],
      [labelled('b', { 'istio-injection': 'enabled' }), labelled('d', { team: 'red' })],
      [labelled('b', { 'istio-injection': 'enabled', team: 'blue' })],
      [labelled('b', { 'istio.io/dataplane-mode': 'ambient' }), labelled('e', { team: 'red' })],
      [labelled('b', {})],
    ];
    const isSame = (a: Fact, b: Fact): boolean => objectKey(a.meta) === objectKey(b.meta);
    const special = new Set<string>();
    for (const upserts of steps) {
      snapshot = updateSnapshot(snapshot, { upserts });
      facts = [...facts.filter((fact) => !upserts.some((now) => isSame(fact, now))), ...upserts];
      expect(snapshot.endpoints).toEqual(compileSnapshot(facts).endpoints);
      for (const endpoint of snapshot.endpoints) special.add(endpoint.special.join());
    }
    expect([...special].sort()).toEqual(['', 'mesh:ambient', 'mesh:sidecar,mesh:asks:default']);
  });
});
