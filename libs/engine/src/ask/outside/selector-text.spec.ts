import { describe, expect, it } from '@jest/globals';

import type { Selector } from '../../model/index.js';
import { selectorText } from './selector-text.js';

const label = (key: string, values: readonly string[], more: object = {}): Selector => ({
  ...{ type: 'label', owner: 'pod', key, op: 'in', values },
  ...more,
});
const or = (...of: readonly Selector[]): Selector => ({ type: 'or', of });

describe('a selector in words', () => {
  it.each<[string, Selector]>([
    ['', { type: 'kind', kinds: ['pod'] }],
    ['namespace shop', label('kubernetes.io/metadata.name', ['shop'], { owner: 'namespace' })],
    ['namespace team=red', label('team', ['red'], { owner: 'namespace' })],
    ['pod app in (a, b)', label('app', ['a', 'b'])],
    ['pod app!=a', label('app', ['a'], { op: 'notIn' })],
    ['pod app not in (a, b)', label('app', ['a', 'b'], { op: 'notIn' })],
    ['pod has no old', label('old', [], { op: 'notExists' })],
    ['pod app starts with we', label('app', ['we'], { op: 'startsWith' })],
    ['(pod app=a or pod role=b)', or(label('app', ['a']), label('role', ['b']))],
    ['pod app!=a', { type: 'not', of: label('app', ['a']) }],
    ['not (pod app contains a)', { type: 'not', of: label('app', ['a'], { op: 'contains' }) }],
    ['10.0.0.0/8 but 10.1.0.0/16', { type: 'cidr', cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }],
    ['namespace with the same team', { type: 'same', as: 'namespaceLabels', keys: ['team'] }],
    ['the same node', { type: 'same', as: 'node' }],
  ])('%s', (text, selector) => {
    expect(selectorText(selector)).toBe(text);
  });

  it('says a test that is there twice once, the namespace first, whatever a value looks like', () => {
    const of = [label('app', ['] [']), { type: 'namespace', names: ['shop', 'pay'] } as const, label('app', ['] ['])];
    expect(selectorText({ type: 'and', of })).toBe('namespace shop or pay and pod app=] [');
  });
});
