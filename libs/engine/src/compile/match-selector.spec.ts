import { describe, expect, it } from '@jest/globals';
import type { Selector } from '../model/index.js';
import { parseIp } from '../net/index.js';
import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { compileSelector, MAYBE, NO, YES } from './match-selector.js';

describe('a selector of nodes by name', () => {
  const here: Selector = { type: 'nodeName', names: ['n1'] };
  const asked = (parts: Partial<Endpoint>): number => {
    const endpoint: Endpoint = { ...BLANK_ENDPOINT, ...parts };
    return compileSelector(here)(endpoint, endpoint);
  };

  it.each(['pod', 'hostpod'] as const)('NP-55: may choose a %s that has no node yet', (kind) => {
    expect(asked({ kind })).toBe(MAYBE);
    expect(['n1', 'n2'].map((node) => asked({ kind, node }))).toEqual([YES, NO]);
  });

  it('chooses no pod that runs, where its node is not told, and nobody outside', () => {
    const ip = parseIp('10.0.0.1');
    expect(asked({ kind: 'pod', ips: ip === null ? [] : [ip] })).toBe(NO);
    expect(asked({ kind: 'external' })).toBe(NO);
  });
});
