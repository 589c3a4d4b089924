import { describe, expect, it } from '@jest/globals';

import { WATCHED_KINDS } from '#engine';

import type { ServedKind } from './discovery.js';
import { InitialList } from './initial-list.js';

const watched = WATCHED_KINDS.find(({ kind, group }) => kind === 'Service' && group === '');
if (watched === undefined) throw new Error('services are not watched');
const SERVICES: ServedKind = { watched, id: 'Service', version: 'v1', path: '/api/v1/services' };

function service(name: string, resourceVersion: string, port = 80): object {
  return { metadata: { name, namespace: 'shop', resourceVersion }, spec: { ports: [{ port }] } };
}
const bookmark = { metadata: { resourceVersion: '20', annotations: { 'k8s.io/initial-events-end': 'true' } } };

function versions(list: InitialList): Record<string, string> {
  return Object.fromEntries(list.result(bookmark).versions);
}

describe('InitialList', () => {
  it('has each object as its last event says, and not one that is gone again', () => {
    const list = new InitialList(SERVICES);
    list.add(service('api', '11'), false);
    list.add(service('web', '10'), false);
    list.add(service('api', '18'), false);
    list.add(service('web', '19'), true);
    expect(versions(list)).toEqual({ 'shop/api': '18' });
    expect(list.result(bookmark).facts.map(({ meta }) => meta.name)).toEqual(['api']);
    expect(list.result(bookmark).resourceVersion).toBe('20');
  });

  it('takes an event twice, and refuses one that is older than what it knows', () => {
    const list = new InitialList(SERVICES);
    list.add(service('web', '12'), false);
    list.add(service('web', '12'), false);
    list.add(service('web', '13'), true);
    expect(() => list.add(service('web', '12'), false)).toThrow('the list of services came out of order');
    expect(versions(list)).toEqual({});
  });

  it('ends with the bookmark that says so', () => {
    const list = new InitialList(SERVICES);
    expect(list.endsWith(bookmark)).toBe(true);
    expect(list.endsWith({ metadata: { resourceVersion: '20' } })).toBe(false);
  });

  it('counts an object that cannot be read well once', () => {
    const list = new InitialList(SERVICES);
    const broken = { metadata: { name: 'web', namespace: 'shop', resourceVersion: '12' }, spec: { ports: 'none' } };
    list.add(broken, false);
    list.add(broken, false);
    const { facts, problems } = list.result(bookmark);
    expect(facts.length + problems.length).toBe(1);
  });
});
