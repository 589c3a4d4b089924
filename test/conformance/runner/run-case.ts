import { CNI_PROFILES, compileSnapshot, type CniDetection, type CompiledSnapshot, type CompileOptions } from '#engine';

import { readCaseInput } from './case-input.js';
import type { CaseCni, CaseKind, ConformanceCase, ExpectedCase } from './case.js';
import { checkConnectivity } from './check-connectivity.js';
import { checkDiff } from './check-diff.js';
import { checkExplain } from './check-explain.js';
import { checkExposure } from './check-exposure.js';
import { checkInvalid } from './check-invalid.js';
import { checkReachability } from './check-reachability.js';
import { checkRelations } from './check-relations.js';
import { checkTiers } from './check-tiers.js';
import { corpusSemantics } from './corpus-semantics.js';
import { engineSystem } from './engine-system.js';
import { knownDifference } from './known-differences.js';
import { unsupportedKinds } from './policy-kinds.js';

/** `known-difference`: it fails as it is known to, for the reason in KNOWN-DIFFERENCES.md. */
export type CaseStatus = 'passed' | 'failed' | 'not-supported' | 'known-difference' | 'not-judged';

export interface CaseResult {
  readonly corpus: string;
  readonly name: string;
  readonly caseKind: CaseKind;
  readonly kinds: readonly string[];
  readonly status: CaseStatus;
  /** The first problem, the reason why it was left out, or ''. */
  readonly message: string;
  readonly problems: readonly string[];
}

type Check = (one: ConformanceCase) => Promise<string[]>;

async function snapshotOf(one: ConformanceCase, parts?: readonly string[]): Promise<CompiledSnapshot> {
  const { facts } = await readCaseInput(one, parts);
  return compileSnapshot(facts, compileOptions(one.expected));
}

function compileOptions(expected: ExpectedCase): CompileOptions {
  const { cni } = expected;
  return { semantics: corpusSemantics(expected), ...(cni === undefined ? {} : { cni: detectionOf(cni) }) };
}

/** A plugin that is known to run, and enforces on every node. */
function detectionOf({ name, version, options }: CaseCni): CniDetection {
  const known = { confidence: 1, evidence: [], unenforcedNodes: [] };
  const { title } = CNI_PROFILES[name];
  return { ...known, networking: name, policyEngine: name, title, version, options, enforced: 'yes' };
}

const reachability: Check = async (one) => {
  const snapshot = await snapshotOf(one);
  return [...checkReachability(one.expected, engineSystem(snapshot)), ...checkTiers(one.expected, snapshot)];
};

const explain: Check = async (one) => checkExplain(one.expected, await snapshotOf(one));

const exposure: Check = async (one) => checkExposure(one.expected, await snapshotOf(one));

const invalid: Check = async (one) => {
  const input = await readCaseInput(one);
  return checkInvalid(one.expected, input, compileSnapshot(input.facts, compileOptions(one.expected)));
};

const connectivity: Check = async (one) => checkConnectivity(one.expected, await snapshotOf(one));

const diff: Check = async (one) =>
  checkDiff(one.expected, await snapshotOf(one, ['before']), await snapshotOf(one, ['after']));

const relation: Check = async (one) => checkRelations(one.expected, (parts) => snapshotOf(one, parts));

const CHECKS: Readonly<Record<CaseKind, Check>> = {
  reachability,
  connectivity,
  exposure,
  explain,
  diff,
  relation,
  invalid,
};

/** Runs one case. What cannot be judged yet is said so and never counts as passed. */
export async function runCase(one: ConformanceCase): Promise<CaseResult> {
  const { corpus, case: name, kind, policyKinds } = one.expected;
  const result = (status: CaseStatus, problems: readonly string[]): CaseResult => ({
    corpus,
    name,
    caseKind: kind,
    kinds: policyKinds,
    status,
    message: problems[0] ?? '',
    problems,
  });
  if (one.expected.corpusSpecific === true) return result('not-judged', ['a limit of the tool, not of the API']);
  const missing = unsupportedKinds(policyKinds);
  if (missing.length > 0) return result('not-supported', [`not evaluated yet: ${missing.join(', ')}`]);
  return judged(one, result, await problemsOf(CHECKS[kind], one));
}

async function problemsOf(check: Check, one: ConformanceCase): Promise<string[]> {
  try {
    return await check(one);
  } catch (error) {
    return [`it threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

function judged(
  one: ConformanceCase,
  result: (status: CaseStatus, problems: readonly string[]) => CaseResult,
  problems: readonly string[],
): CaseResult {
  const known = knownDifference(one.expected.corpus, one.expected.case);
  if (known === null) return result(problems.length === 0 ? 'passed' : 'failed', problems);
  if (problems.length === 0) return result('failed', ['it passes now: take it out of known-differences.json']);
  const strange = problems.filter((problem) => !known.problems.some((text) => problem.includes(text)));
  if (strange.length > 0) return result('failed', strange);
  return result('known-difference', [known.reason]);
}
