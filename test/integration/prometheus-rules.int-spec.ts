import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadRunbooks } from '../../libs/checks/src/load-checks.js';

const FOLDER = join(import.meta.dirname, '../../deploy/prometheus');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string;
      readonly record?: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    }[];
  }[];
}

interface Tests {
  readonly tests: readonly {
    readonly name: string;
    readonly promql_expr_test: readonly { readonly exp_samples: readonly { readonly labels: string }[] }[];
  }[];
}

const promtool = (...args: string[]): string =>
  execFileSync('promtool', args, { cwd: FOLDER, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

describe('deploy/prometheus', () => {
  const rules = (parse(readFileSync(join(FOLDER, 'netpol-atlas.rules.yaml'), 'utf8')) as Rules).groups.flatMap(
    (group) => group.rules,
  );

  it('has rules that promtool takes, and that fire when they should', () => {
    expect(promtool('check', 'rules', 'netpol-atlas.rules.yaml')).toContain('SUCCESS');
    expect(promtool('test', 'rules', 'netpol-atlas.rules.test.yaml')).toContain('SUCCESS');
  });

  it('has each alert among those that are tried, firing and quiet', () => {
    const { tests } = parse(readFileSync(join(FOLDER, 'netpol-atlas.rules.test.yaml'), 'utf8')) as Tests;
    const tried = tests.find(({ name }) => name === 'every alert fires where all is amiss');
    const samples = tried?.promql_expr_test.flatMap(({ exp_samples: expected }) => expected) ?? [];
    const names = samples.map(({ labels }) => /alertname="(\w+)"/.exec(labels)?.[1]);
    expect(names.toSorted()).toEqual(rules.flatMap(({ alert }) => alert ?? []).toSorted());
  });

  it('leads each alert to a runbook that there is, by link and by label or name alike', async () => {
    const runbooks = await loadRunbooks();
    const alerts = rules.filter((rule) => rule.alert !== undefined);
    expect(alerts.length).toBeGreaterThan(10);
    for (const { alert = '', labels, annotations } of alerts) {
      const linked = /\/runbooks\/([a-z-]+)$/.exec(annotations?.['runbook_url'] ?? '')?.[1];
      expect({ alert, known: runbooks.some(({ id }) => id === linked) }).toEqual({ alert, known: true });
      const named = runbooks.find((runbook) => runbook.alerts.includes(alert))?.id ?? labels?.['runbook'];
      if (named !== undefined) expect({ alert, runbook: named }).toEqual({ alert, runbook: linked });
    }
  });

  it('has a dashboard whose recorded series are recorded', () => {
    const dashboard = readFileSync(join(FOLDER, 'netpol-atlas.dashboard.json'), 'utf8');
    const recorded = new Set(rules.flatMap((rule) => rule.record ?? []));
    const used = [...dashboard.matchAll(/"expr": "([a-z]+:[a-z0-9_]+:[a-z0-9_]+)/g)].map((match) => match[1] ?? '');
    expect(used.length).toBeGreaterThan(3);
    for (const series of used) expect(recorded).toContain(series);
  });
});
