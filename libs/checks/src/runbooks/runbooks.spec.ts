import { describe, expect, it } from '@jest/globals';

import { loadRunbooks, orderChecks, runbookOfFile } from '../load-checks.js';
import { defineRunbook } from '../runbook/define-runbook.js';
import { missingInputs } from '../runbook/run-runbook.js';
import { renderRunbook } from '../runbook/render-runbook.js';
import { node, namespace, pod } from '../testing/objects.js';
import { runOn } from '../testing/run-runbook-on.js';
import { runbook as conntrack } from './conntrack-saturation.runbook.js';

const runbooks = await loadRunbooks();
const inputs = {
  from: { type: 'name', namespace: 'shop', name: 'web' },
  to: { type: 'name', namespace: 'shop', name: 'api' },
  port: 8080,
  namespace: 'shop',
} as const;

describe('the runbooks', () => {
  it('are found by their files, in order of number', () => {
    expect(runbooks.map(({ number, id }) => `${number} ${id}`)).toEqual([
      'RB-1 service-unreachable',
      'RB-2 namespace-lost-connectivity',
      'RB-3 cross-namespace-access',
      'RB-4 policies-without-effect',
      'RB-5 conntrack-saturation',
      'RB-6 dns-resolution-fails',
      'RB-7 before-applying',
      'RB-8 unexpected-internet-egress',
      'RB-9 apiserver-egress-blocked',
    ]);
  });

  it('share no alert: an alert leads to one runbook', () => {
    const alerts = runbooks.flatMap((runbook) => runbook.alerts);
    expect(alerts.filter((alert, at) => alerts.indexOf(alert) !== at)).toEqual([]);
  });

  it.each(runbooks.map((runbook) => [runbook.id, runbook] as const))(
    '%s runs through to the end on a small open cluster, with no step broken and no metrics',
    async (_, runbook) => {
      const objects = [node(), namespace('shop'), pod('shop/web'), pod('shop/api', { port: 8080 })];
      const report = await runOn(runbook, { objects, inputs, all: true });
      expect(report.steps.map((step) => step.id)).toEqual(runbook.steps.map((step) => step.id));
      expect(report.steps.filter((step) => step.found.includes('broke'))).toEqual([]);
      for (const step of report.steps) expect(step.found).toMatch(/^\S.*[^.\s]$/s);
      const metrics = new Set(runbook.steps.filter((step) => step.source === 'metric').map((step) => step.id));
      for (const step of report.steps) if (metrics.has(step.id)) expect(step.outcome).toBe('skip');
      const usual = { 'cause-found': 'CAUSE FOUND', 'not-the-cause': 'NOT THE CAUSE', undetermined: 'UNDETERMINED' };
      const head = (runbook.heads ?? usual)[report.result];
      expect(renderRunbook(report, runbook).split('\n')[0]).toBe(`${head}  ${report.answer}`);
    },
  );

  it('tell which inputs are missing', () => {
    const [first] = runbooks;
    expect(missingInputs(first!, { from: inputs.from })).toEqual(['to']);
  });

  it('are refused when they are not fit to be loaded', () => {
    expect(() => defineRunbook({ ...conntrack, id: 'Conntrack', title: 'Short.' })).toThrow(
      'runbook `Conntrack`: the id must be lower case words joined by dashes; the title must be a line in lower case without a full stop',
    );
    expect(() => runbookOfFile('other', conntrack)).toThrow('exports the runbook `conntrack-saturation`: rename one');
    expect(() => runbookOfFile('other', undefined)).toThrow('`other.runbook` must export a `runbook`');
    expect(orderChecks([])).toEqual([]);
  });
});
