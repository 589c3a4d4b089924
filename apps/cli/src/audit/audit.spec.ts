import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const SAMPLE = join(import.meta.dirname, '../../../standalone/sample');

const auditWith = (input: string, cluster: string, ...args: readonly string[]) =>
  runOnTerminal(['audit', '--dir', join(SAMPLE, cluster), ...args], input);
const audit = (cluster: string, ...args: readonly string[]) => auditWith('', cluster, ...args);

interface Told {
  readonly results: readonly {
    readonly check: { readonly id: string };
    readonly outcome: string;
    readonly findings: readonly {
      readonly object: { readonly namespace: string; readonly name: string } | null;
      readonly prediction: { readonly changes: readonly unknown[] } | null;
    }[];
  }[];
}

const ORDER = ['high', 'medium', 'low'];

const places = (told: Told, id: string): string[] =>
  told.results
    .filter((result) => result.check.id === id)
    .flatMap((result) => result.findings)
    .map(({ object }) => (object === null ? '' : `${object.namespace}/${object.name}`));

describe('atlas audit on the sample', () => {
  it('finds each mistake that was made there on purpose', async () => {
    const { out, err } = await audit('shop-calico', '-o', 'json');
    expect(err).toBe('');
    const told = JSON.parse(out) as Told;
    expect(places(told, 'service-port-not-pod-port')).toEqual(['payments/gateway']);
    expect(places(told, 'dns-egress-missing')).toEqual(['/payments']);
    expect(places(told, 'selector-and-or-confusion')).toEqual(['shop/db']);
    expect(places(told, 'host-network-bypass')).toContain('payments/key-bridge');
    expect(places(told, 'cni-does-not-enforce')).toEqual([]);
  });

  it('finds that nothing is enforced on the other network', async () => {
    const { code, out } = await audit('shop-flannel', '--check', 'cni-does-not-enforce');
    expect(code).toBe(1);
    expect(out).toMatch(/critical.*Flannel.*enforces none of the 10 policies/);
    expect(out).toMatch(/proof: .*→ denied/);
  });

  it('offers checks whose ids come close', async () => {
    const { code, err } = await audit('shop-calico', '--check', 'dangling-polcy');
    expect(code).toBe(2);
    expect(err).toMatch(/there is no check `dangling-polcy`\n +did you mean `dangling-policy`/);
  });

  it('tells findings that one change settles as one, the worst first', async () => {
    const { out } = await audit('shop-calico');
    expect(out.match(/fix: close monitoring by default/g)).toHaveLength(1);
    const [told] = out.split('\n\n').filter((part) => part.includes('fix: close monitoring by default'));
    expect(told).toMatch(/^high: no policy selects a pod of monitoring\n {2}COV-01 /);
    expect(
      [...told!.matchAll(/settles too: (\S+) (\w+): /g)].map(([, number, weight]) => `${number} ${weight}`),
    ).toEqual([
      'COV-02 high',
      'COV-04 high',
      'COV-04 high',
      'EXP-04 high',
      'EXP-04 high',
      'EXP-06 high',
      'COV-03 medium',
      'EXP-11 medium',
    ]);
    const weights = [...out.matchAll(/^(high|medium|low)\b/gm)].map(([, weight]) => weight!);
    expect(weights).toEqual(weights.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
  });

  it('shows proof and fix in text, with what the fix changes', async () => {
    const { out } = await audit('shop-calico', '--check', 'selector-and-or-confusion');
    expect(out).toMatch(/^1 finding \(1 high\)/);
    expect(out).toMatch(/proof: .*monitoring\/grafana.*→ allowed/);
    expect(out).toMatch(/monitoring\/grafana\[Deployment\] → shop\/db\[StatefulSet\]: closes all/);
  });

  it('begins with counts by check where there is more than somebody reads, and tells the worst', async () => {
    const open = Array.from(
      { length: 25 },
      (_, index) => `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: n${String(index)} }
spec: { containers: [{ name: c, image: i }] }
status: { podIP: 10.0.0.${String(index + 1)}, phase: Running }
`,
    ).join('---\n');
    const brief = await auditWith(open, '', '--check', 'default-deny-ingress-missing', '--dir', '-');
    expect(brief.out).toMatch(/^25 findings .*\n\nSEVERITY +NUMBER +CHECK +FINDINGS +NAMESPACES\n\w+ .* 25 +25$/m);
    expect(brief.out.match(/^ {2}at: /gm)).toHaveLength(2);
    expect(brief.out).toContain('\n23 more findings: --all tells each, ');
    const all = await auditWith(open, '', '--check', 'default-deny-ingress-missing', '--dir', '-', '--all');
    expect(all.out.match(/^ {2}at: /gm)).toHaveLength(25);
    expect(all.out).not.toContain('--all');
  });

  it('exits by what is found and what is asked', async () => {
    expect((await audit('shop-calico', '--check', 'selector-and-or-confusion')).code).toBe(1);
    expect((await audit('shop-calico', '--check', 'selector-and-or-confusion', '--fail-on', 'critical')).code).toBe(0);
    expect((await audit('shop-calico', '--check', 'allow-all-ingress')).code).toBe(0);
    expect((await audit('shop-calico', '--check', 'selector-and-or-confusion', '-n', 'payments')).code).toBe(0);
  });

  it('refuses a check that does not exist and names those that do', async () => {
    const { code, err } = await audit('shop-calico', '--check', 'nonsense');
    expect(code).toBe(2);
    expect(err).toMatch(/no check `nonsense`[^]*default-deny-ingress-missing/);
  });

  it('holds flows that were seen against policy', async () => {
    const flow = { src: 'shop/api', dst: 'service:payments/gateway', port: 443 };
    const check = ['--check', 'model-and-traffic-disagree', '-o', 'json'];
    const { code, out } = await auditWith(JSON.stringify(flow), 'shop-calico', '--flows', '-', ...check);
    expect(code).toBe(1);
    expect(places(JSON.parse(out) as Told, 'model-and-traffic-disagree')).toEqual(['payments/gateway']);
    const without = await audit('shop-calico', ...check);
    expect(JSON.parse(without.out)).toMatchObject({ results: [{ outcome: 'skip' }] });
  });
});
