import { describe, expect, it } from '@jest/globals';

import { PolicyWorld, rawNetworkPolicy } from '../../testing/index.js';

const ingress = (rule: unknown): PolicyWorld =>
  new PolicyWorld([rawNetworkPolicy('b/p', { podSelector: {}, ingress: [rule] })]);

describe('what is refused of NetworkPolicy', () => {
  it.each([
    [{ from: [{}] }, '/spec/ingress/0/from/0'],
    [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }] }, '/spec/ingress/0/from/0'],
    [
      { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] } }] },
      '/spec/ingress/0/from/0/ipBlock/except/0',
    ],
    [
      { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9'] } }] },
      '/spec/ingress/0/from/0/ipBlock/except/0',
    ],
    [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: '10.0.0.0/9' } }] }, '/spec/ingress/0/from/0/ipBlock/except'],
    [
      { from: [{ podSelector: { matchExpressions: [{ key: 'app', operator: 'Equals', values: ['a'] }] } }] },
      '/spec/ingress/0/from/0/podSelector/matchExpressions/0/operator',
    ],
    [{ ports: [{ endPort: 90 }] }, '/spec/ingress/0/ports/0'],
    [{ ports: [{ port: 'web', endPort: 90 }] }, '/spec/ingress/0/ports/0'],
    [{ ports: [{ port: 80, endPort: 79 }] }, '/spec/ingress/0/ports/0'],
  ])('NP-12 NP-13 NP-16: %j', (rule, pointer) => {
    const world = ingress(rule);
    expect(world.problems).toHaveLength(1);
    expect(world.problems[0]).toMatch(/^error /);
    expect(world.problems[0]).toContain(pointer);
    // What the API server would refuse does not exist, so it isolates nobody.
    expect(world.ask('a/client', 'b/server')).toBe('allow');
  });

  it('NP-4: more than two types', () => {
    const types = ['Ingress', 'Egress', 'Ingress'];
    const world = new PolicyWorld([rawNetworkPolicy('b/p', { podSelector: {}, policyTypes: types })]);
    expect(world.problems).toEqual([expect.stringContaining('/spec/policyTypes')]);
    expect(world.ask('a/client', 'b/server')).toBe('allow');
  });
});
