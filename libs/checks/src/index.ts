export { AREAS, CheckDefinitionError, defineCheck } from './define-check.js';
export type { Area, Check } from './define-check.js';
export { loadChecks, loadRunbooks } from './load-checks.js';
export { runChecks, startAudit } from './run-checks.js';
export type { AuditReport, CheckResult, Finding, RunOptions } from './run-checks.js';
export { catalogueText } from './catalogue-text.js';
export { AuditContext } from './context/audit-context.js';
export { readAddressLists } from './context/address-lists.js';
export { ACCEPTED, DEFAULT_SETTINGS } from './context/audit-settings.js';
export type { AddressList, AuditSettings, Declared } from './context/audit-settings.js';
export { FIX_ACTIONS } from './fix/fix.js';
export type { Fix, PredictedChange, Prediction } from './fix/fix.js';
export type { PolicyForm } from './fix/policy-sketch.js';
export { suggestPolicies } from './flows/suggest-policies.js';
export type { CutFlow, FlowSuggestions, SuggestedPolicy, SuggestOptions } from './flows/suggest-policies.js';
export { applyFix } from './fix/apply-fix.js';
export { predictFix } from './fix/predict-fix.js';
export { FRAMEWORKS, frameworkOf } from './model/compliance.js';
export type { ComplianceKey, Framework } from './model/compliance.js';
export { OUTCOMES, SCOPES } from './model/finding.js';
export type { CheckOutcome, Counterexample, Evidence, Outcome, ScopeType } from './model/finding.js';
export { settledTogether } from './model/settled-together.js';
export type { SettledTogether } from './model/settled-together.js';
export { CONFIDENCES, isAtLeast, SEVERITIES, worstFirst, worstOf } from './model/severity.js';
export type { Confidence, Severity } from './model/severity.js';
export { defineRunbook, RUNBOOK_INPUTS, RunbookDefinitionError } from './runbook/define-runbook.js';
export type { Runbook, RunbookInput, RunbookInputs, RunbookStep } from './runbook/define-runbook.js';
export { RUN_RESULTS, STEP_OUTCOMES, STEP_SOURCES } from './runbook/model.js';
export type { RunbookFix, RunbookReport, RunResult, StepOutcome, StepReport, StepSource } from './runbook/model.js';
export { headOf, renderRunbook } from './runbook/render-runbook.js';
export { runbookNamed, runbooksNear } from './runbook/runbook-named.js';
export { missingInputs, runRunbook } from './runbook/run-runbook.js';
export type { RunbookRun } from './runbook/run-runbook.js';
export type {
  HistorySource,
  MetricAnswer,
  MetricSource,
  PastState,
  RunbookSources,
  Sample,
} from './runbook/sources.js';
export { CONTROL_STATES, frameworkScores, namespaceScores, overallScore } from './score/score.js';
export type { ControlScore, FindingCount, FrameworkScore, NamespaceScore, Score, ScoredCheck } from './score/score.js';
export { fillPattern, PATTERNS } from './patterns/patterns.js';
export type { FilledPattern, Pattern, PatternOptions, UnfilledPattern } from './patterns/patterns.js';
export type { BundleForm } from './patterns/guard-rails.js';
