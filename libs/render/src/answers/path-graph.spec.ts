import { describe, expect, it } from '@jest/globals';

import type { AnswerVerdict, FlowView, StepView } from '#engine';

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

const reading = (verdict: AnswerVerdict, summary = '') => ({
  verdict,
  reason: 'INGRESS_NO_RULE_MATCHED' as const,
  summary,
});
const side = (label: string) => ({ query: { type: 'name' as const, namespace: '', name: '' }, label, endpoints: 1 });
const pod = (label: string) => ({
  ...{ kind: 'pod' as const, namespace: '', name: '', label, address: '', workload: '', node: '' },
});

/** What policy denies in one step, of which so many rules nearly matched; told with what is made of it. */
function answer(
  misses: number,
  verdict: AnswerVerdict = 'denied',
  { summary = '', ofFlow = verdict }: { summary?: string; ofFlow?: AnswerVerdict } = {},
): Parameters<typeof pathGraph>[0] {
  const step: StepView = {
    ...{ hop: 'ingress', direction: 'ingress', tier: 'NetworkPolicy', decision: 'isolated', rules: [rule('pay/api')] },
    why: 'no rule of the policies that isolate it matches',
    nearMisses: Array.from({ length: misses }, (_, index) => ({
      rule: rule(`pay/api#${String(index)}`),
      part: 'port' as const,
      why: 'port 80 not in TCP 443',
    })),
  };
  const steps = [end('source', 'shop/web-1 of Deployment web'), step, end('destination', '')];
  const flow: FlowView = {
    ...{ source: pod('shop/web-1'), destination: pod('pay/api-0'), protocol: 'TCP', port: 80, ports: '80', count: 1 },
    ...{ verdict: 'deny', intended: reading('denied'), enforced: reading(ofFlow), steps, onlyFor: [] },
  };
  return {
    ...{ verdict, summary, intended: reading(verdict === 'mixed' ? 'mixed' : 'denied'), flows: [flow], steps },
    ...{ source: side('shop/web'), destination: side('pay/api'), protocol: 'TCP', port: '80' },
    fixes: [{ title: 'allow ingress to pay/api on TCP 80', why: '', action: 'apply', manifest: '' }],
  };
}

function denied(misses: number): Exhibit {
  const graph = pathGraph(answer(misses), 'shop');
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

  it('tells what an end is and where, each on a line of its own', () => {
    const told = 'pay/api-5d4jj of Deployment api at 10.244.1.14 on node calico-worker-1';
    const remarksOf = (why: string): unknown =>
      pathGraph({ ...answer(0), steps: [end('source', why), end('destination', '')] }, 'shop').nodes[0]?.remarks;
    expect(remarksOf(told)).toEqual(['pay/api-5d4jj of Deployment api', 'at 10.244.1.14 on node calico-worker-1']);
    expect(remarksOf('pay/api-5d4jj on node calico-worker-1')).toEqual(['pay/api-5d4jj', 'on node calico-worker-1']);
  });

  it('says once what an end is that was asked for by its own name', () => {
    const steps = [end('source', 'shop/web-0 at 10.0.0.1 on node n1'), end('destination', '')];
    const { nodes } = pathGraph({ ...answer(0), source: side('Pod shop/web-0'), steps }, 'shop');
    expect(nodes[0]?.remarks).toEqual(['at 10.0.0.1 on node n1']);
  });

  it('goes downwards in what others draw', async () => {
    expect(await render(denied(1), 'dot')).toContain('rankdir=TB');
    expect(await render(denied(1), 'mermaid')).toContain('flowchart TD');
  });

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

  it('goes on behind what policy denies where nothing enforces it, and says so', () => {
    const { edges, nodes, note } = pathGraph(answer(0, 'allowed', { summary: 'Flannel enforces nothing' }), 'shop');
    expect(edges.map(({ state }) => state)).toEqual(['allowed', 'allowed']);
    expect(nodes[1]?.state).toBe('denied');
    expect(note).toMatch(/^Flannel enforces nothing\nfix: /);
  });

  it('cannot tell how it goes on where it is not known whether anything enforces it', () => {
    const { edges } = pathGraph(answer(0, 'undetermined', { summary: 'it is not known' }), 'shop');
    expect(edges.map(({ state }) => state)).toEqual(['allowed', 'unknown']);
  });

  it('names the flow that is drawn where flows differ', () => {
    const summary = 'flows differ: 3 allowed, 2 denied; see flows';
    const { edges, nodes, note } = pathGraph(answer(0, 'mixed', { summary, ofFlow: 'denied' }), 'shop');
    expect(edges.map(({ state }) => state)).toEqual(['allowed', 'denied']);
    expect(nodes[0]?.remarks).toEqual(['shop/web-1 of Deployment web']);
    expect(note).toMatch(/^flows differ: 3 allowed, 2 denied\ndrawn is shop\/web-1 → pay\/api-0 on port 80\nfix: /);
  });

  it('names the flow whose steps are drawn, and not another that is denied for want of an address', () => {
    const told = answer(0, 'mixed', { summary: 'flows differ: 1 allowed, 1 denied; see flows' });
    const [flow] = told.flows;
    if (flow === undefined) throw new Error('one flow');
    const steps = [end('source', 'shop/web-1'), end('destination', 'pay/api-0')];
    const open = { ...flow, intended: reading('allowed'), enforced: reading('allowed'), steps };
    const stranded = { ...flow, source: pod('shop/web-2'), enforced: reading('denied'), steps: [] };
    const { edges, note } = pathGraph({ ...told, flows: [stranded, open], steps }, 'shop');
    expect(edges.map(({ state }) => state)).toEqual(['allowed']);
    expect(note).toContain('\ndrawn is shop/web-1 → pay/api-0 on port 80\n');
  });

  it('names no flow where that of the steps is behind those that are listed', () => {
    const told = answer(0, 'mixed', { summary: 'flows differ: 100 allowed, 1 denied; see flows' });
    const flows = told.flows.map((flow) => ({ ...flow, intended: reading('allowed'), steps: [] }));
    const { note } = pathGraph({ ...told, flows }, 'shop');
    expect(note).toMatch(/^flows differ: 100 allowed, 1 denied\nfix: /);
  });
});
