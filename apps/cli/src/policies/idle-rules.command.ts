import { compileSnapshot, idleRules, ruleLabel, type IdleRule } from '#engine';

import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder, showPolicyProblems } from '../manifests/read-folder.js';
import { tell } from '../output/tell.js';
import type { Terminal } from '../terminal.js';
import type { PoliciesOptions } from './policies.command.js';

/** Lists the rules of a folder that could go without any verdict changing. */
export async function runIdleRules(
  dir: string,
  { namespace, output }: Pick<PoliciesOptions, 'namespace' | 'output'>,
  terminal: Terminal,
): Promise<ExitCode> {
  const { facts } = await readFolder(dir, terminal);
  const snapshot = compileSnapshot(facts);
  showPolicyProblems(snapshot, terminal);
  const { rules, examined, left } = idleRules(snapshot);
  const rows = rules.filter(({ rule }) => namespace === undefined || rule.policy.namespace === namespace).map(idleRow);
  const columns = ['kind', 'rule', 'direction', 'why', 'decided by'];
  const cells = (): string[][] =>
    rows.map((row) => [row.kind, row.rule, row.direction, row.why, row.by.join(', ') || 'the default']);
  const words = (table: () => string): void => {
    if (rows.length === 0) terminal.err(`no idle rules among ${String(examined)}`);
    else terminal.out(table());
  };
  await tell({ data: { rules: rows, examined, left }, words, columns, rows: cells }, output, terminal);
  if (left > 0) terminal.err(`warning: ${String(left)} rules were not looked at, the work would be too long`);
  return EXIT.ok;
}

interface IdleRow {
  readonly kind: string;
  readonly rule: string;
  readonly pointer: string;
  readonly direction: string;
  readonly why: string;
  readonly by: readonly string[];
}

function idleRow({ rule, direction, why, by }: IdleRule): IdleRow {
  const { policy, pointer } = rule;
  return { kind: policy.kind, rule: ruleLabel(rule), pointer, direction, why, by: [...new Set(by.map(ruleLabel))] };
}
