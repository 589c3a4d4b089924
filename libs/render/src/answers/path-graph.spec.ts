import { describe, expect, it } from '@jest/globals';

import type { StepView } from '#engine';

import { render, type Exhibit } from '../exhibit.js';
import { pathGraph } from './path-graph.js';

const end = (hop: StepView['hop'], why: string): StepView => ({
  ...{ hop, direction: null, tier: '', decision: 'info', rules: [], why, nearMisses: [] },
});
const rule = (label: string) => ({
  policy: { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: 'pay', name: 'api' },
  pointer: '/spec/ingress/0',
  label,
});

/** Denied by one policy, of which so many rules nearly matched. */
function denied(misses: number): Exhibit {
  const step: StepView = {
    ...{ hop: 'ingress', direction: 'ingress', tier: 'NetworkPolicy', decision: 'isolated', rules: [rule('pay/api')] },
    why: 'no rule of the policies that isolate it matches',
    nearMisses: Array.from({ length: misses }, (_, index) => ({
      rule: rule(`pay/api#${String(index)}`),
      part: 'port' as const,
      why: 'port 80 not in TCP 443',
    })),
  };
  const side = (label: string) => ({ query: { type: 'name' as const, namespace: '', name: '' }, label, endpoints: 1 });
  const graph = pathGraph(
    {
      ...{ verdict: 'denied', source: side('shop/web'), destination: side('pay/api'), protocol: 'TCP', port: '80' },
      steps: [end('source', ''), step, end('destination', '')],
      fixes: [{ title: 'allow ingress to pay/api on TCP 80', why: '', action: 'apply', manifest: '' }],
    },
    'shop',
  );
  return { data: null, table: () => ({ columns: [], rows: [] }), graph: () => graph };
}

describe('the picture of a path', () => {
  it.each(['svg', 'dot', 'mermaid'] as const)(
    'tells in %s why it ends, what nearly matched, and the fix',
    async (form) => {
      const picture = await render(denied(1), form);
      expect(picture).toContain('no rule of the policies that isolate it matches');
      expect(picture.replace('#35;', '#')).toContain('near miss pay/api#0: port 80 not in TCP 443');
      expect(picture).toContain('fix: allow ingress to pay/api on TCP 80');
      expect(picture).toContain('#c62828');
    },
  );

  it('names the first of many near misses and counts the others', async () => {
    const picture = await render(denied(9), 'dot');
    expect(picture.match(/near miss /g)).toHaveLength(3);
    expect(picture).toContain('and 6 more near misses');
  });

  it('keeps every line of a step inside its box', async () => {
    const picture = await render(denied(4), 'svg');
    const [, y, height, lines] =
      /<title>pay\/api[^<]*<\/title>\n<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"[^>]*>\n((?:<text.*\n)+)/.exec(
        picture,
      ) ?? [];
    const last = Math.max(...[...(lines ?? '').matchAll(/ y="([\d.]+)"/g)].map((match) => Number(match[1])));
    expect(last).toBeGreaterThan(Number(y));
    expect(last).toBeLessThan(Number(y) + Number(height));
  });
});
