import { describe, expect, it } from '@jest/globals';
import { accessFor, ANONYMOUS, systemAccess, type Caller, type Grant } from './access.js';
import { currentAccess, iterateWithAccess, runAsSystem, runWithAccess } from './current-access.js';
import { matchesGlob } from './name-set.js';

const grant = (role: Grant['role'], clusters: string[], namespaces: string[]): Grant => ({
  role,
  clusters: { names: clusters, labels: null },
  namespaces: { names: namespaces, labels: null },
});

const caller = (...grants: Grant[]): Caller => ({ ...ANONYMOUS, subject: 'oidc:x#ann', name: 'ann', grants });

describe('access', () => {
  it('is for the grants whose role allows the action', () => {
    const ann = caller(grant('viewer', ['*'], ['*']), grant('operator', ['shop-*'], ['web']));
    expect(accessFor(ann, 'inventory.read')?.seesCluster({ name: 'pay' })).toBe(true);
    const resync = accessFor(ann, 'cluster.resync');
    expect(resync?.seesCluster({ name: 'pay' })).toBe(false);
    expect(resync?.seesCluster({ name: 'shop-1' })).toBe(true);
    expect(accessFor(ann, 'token.manage')).toBeNull();
  });

  it('shows the namespaces of the grants that name the cluster', () => {
    const access = accessFor(
      caller(grant('viewer', ['a'], ['web', 'pay-*']), grant('viewer', ['b'], ['*'])),
      'inventory.read',
    );
    const a = access?.namespacesOf({ name: 'a' });
    expect(['web', 'pay-eu', 'db', ''].map((name) => a?.sees(name))).toEqual([true, true, false, false]);
    expect(a?.seesObject('Namespace', '', 'web')).toBe(true);
    expect(a?.seesObject('Namespace', '', 'db')).toBe(false);
    expect(a?.seesObject('Node', '', 'web')).toBe(false);
    expect(access?.namespacesOf({ name: 'b' }).sees('')).toBe(true);
    expect(access?.seesWhole({ name: 'a' })).toBe(false);
    expect(access?.namespacesOf({ name: 'c' }).sees('web')).toBe(false);
  });

  it('shows what has no namespace to who is given `-`', () => {
    const scope = accessFor(caller(grant('viewer', ['a'], ['web', '-'])), 'inventory.read')?.namespacesOf({
      name: 'a',
    });
    expect(['web', '', 'db'].map((name) => scope?.sees(name))).toEqual([true, true, false]);
  });

  it('shows namespaces by their labels in the snapshot', () => {
    const labels = [{ key: 'team', op: 'in', values: ['shop'] }] as const;
    const given: Grant = { ...grant('viewer', ['*'], []), namespaces: { names: ['-'], labels } };
    const scope = accessFor(caller(given), 'inventory.read')?.namespacesOf({ name: 'a' });
    expect(scope?.needsLabels).toBe(true);
    expect(scope?.sees('web')).toBe(false);
    const there = scope?.withLabels(
      new Map([
        ['web', { team: 'shop' }],
        ['db', { team: 'data' }],
      ]),
    );
    expect(['web', 'db', ''].map((name) => there?.sees(name))).toEqual([true, false, true]);
    expect(there?.key).not.toBe(scope?.key);
  });
});

describe('globs', () => {
  it.each([
    ['*', 'anything', true],
    ['shop-*', 'shop-eu', true],
    ['shop-*', 'xshop-eu', false],
    ['*-eu', 'shop-eu-1', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a.c', 'abc', false],
    ['', '', true],
  ])('%j against %j is %j', (glob, name, expected) => {
    expect(matchesGlob(glob, name)).toBe(expected);
  });

  it('take no time that grows out of hand', () => {
    expect(matchesGlob(`${'*a'.repeat(60)}b`, 'a'.repeat(250))).toBe(false);
  });
});

describe('the current access', () => {
  it('is missed loudly', () => {
    expect(() => currentAccess()).toThrow('facts are read with no access');
  });

  it('lasts through what is awaited, and is each caller’s own', async () => {
    const names = await Promise.all(
      ['a', 'b'].map((work) =>
        runAsSystem(work, async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          return currentAccess().caller.name;
        }),
      ),
    );
    expect(names).toEqual(['a', 'b']);
  });

  it('reaches into an iterator that is read from outside', async () => {
    async function* events(): AsyncGenerator<string> {
      yield currentAccess().caller.name;
      await Promise.resolve();
      yield currentAccess().caller.name;
    }
    const access = systemAccess('watch');
    const seen: string[] = [];
    for await (const name of iterateWithAccess(access, runWithAccess(access, events))) seen.push(name);
    expect(seen).toEqual(['watch', 'watch']);
  });
});
