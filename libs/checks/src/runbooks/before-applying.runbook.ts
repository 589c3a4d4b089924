import {
  asObserved,
  changingSnapshot,
  counted,
  flowImpact,
  hasPassed,
  makingDriftReport,
  objectLabel,
  oncePer,
  protocolName,
} from '#engine';
import type { FlowImpact, LastingFlow } from '#engine';

import { defineRunbook, type RunbookStep } from '../runbook/define-runbook.js';
import type { StepResult } from '../runbook/model.js';
import type { RunbookContext } from '../runbook/runbook-context.js';
import { cause, fail, pass, skip, works } from '../runbook/step-result.js';
import { NO_KEPT_FLOWS } from '../runbook/sources.js';
import type { Finding } from '../run-checks.js';

const MISTAKES = [
  'selector-and-or-confusion',
  'selector-and-too-narrow',
  'missing-policy-types',
  'rules-not-in-policy-types',
  'direction-listed-without-rules',
  'empty-podselector-scope',
  'dangling-policy',
  'dangling-peer',
  'future-pod-exposure',
  'namespace-label-absent',
  'named-port-unresolved',
  'service-port-not-pod-port',
  'protocol-omitted',
  'cidr-and-port-range-sanity',
  'ipblock-inside-cluster-ranges',
  'allow-all-ingress',
  'internet-ingress',
] as const;
const DEPENDENCIES = [
  'dns-egress-missing',
  'node-local-dns-not-allowed',
  'dns-servers-isolated',
  'apiserver-egress-missing',
  'admission-or-apiservice-blocked',
  'metrics-scrape-blocked',
  'ingress-controller-blocked',
  'declared-dependency-blocked',
] as const;
const MOST_TOLD = 10;

/** The same run, asked of the state as it would be with the manifests applied. */
const afterApplying = oncePer(async (context: RunbookContext) => {
  const apply = context.inputs.manifests ?? [];
  const changes = { apply, remove: [], promote: [] };
  const { after, objects } = await context.paced(changingSnapshot(context.snapshot, changes));
  return { then: context.at(after), objects };
});

/** What audits find with the manifests and not without them. */
async function newFindings(context: RunbookContext, checks: readonly string[]): Promise<readonly Finding[]> {
  return context.paced(findingNew(context, (await afterApplying(context)).then, checks));
}

function* findingNew(
  before: RunbookContext,
  after: RunbookContext,
  checks: readonly string[],
): Generator<null, readonly Finding[]> {
  const found: Finding[] = [];
  for (const id of checks) {
    const known = new Set(before.check(id).findings.map(({ fingerprint }) => fingerprint));
    found.push(...after.check(id).findings.filter(({ fingerprint }) => !known.has(fingerprint)));
    yield null;
  }
  return found;
}

/** How many more there are than the one that was told. */
const others = ({ length }: readonly unknown[]): string => (length === 1 ? '' : `, and ${String(length - 1)} more`);

const evidenceOf = (findings: readonly Finding[]): { what: string; value: string }[] =>
  findings.slice(0, MOST_TOLD).map(({ check, title }) => ({ what: check, value: title }));

const readableStep: RunbookStep = {
  id: 'readable',
  title: 'can the manifests be read',
  source: 'inventory',
  expected: 'each is an object that a server would take',
  run({ inputs: { manifests = [] } }) {
    const wrong = manifests.flatMap((fact) => (fact.type === 'rejected' ? [fact] : []));
    const [first] = wrong;
    if (manifests.length === 0) return cause('nothing was given', 'the manifests hold no object', {});
    if (first === undefined) return pass(counted(manifests.length, 'object'));
    const message = `${first.meta.kind} ${objectLabel(first.meta)}: ${first.diagnostics[0]?.message ?? 'cannot be read'}`;
    return cause(message, `it cannot be applied: ${message}`, { advice: ['mend the manifest, and run this again'] });
  },
};

const mistakesStep: RunbookStep = {
  id: 'mistakes',
  title: 'does it have a mistake that people make, or open more than it needs',
  source: 'model',
  expected: 'audits find nothing that they do not find today',
  async run(context) {
    const found = await newFindings(context, MISTAKES);
    const [first] = found;
    if (first === undefined) return pass('nothing new found');
    return fail(`${first.title}${others(found)}`, { evidence: evidenceOf(found), next: first.remediation });
  },
};

const effectsOf = oncePer(async (context: RunbookContext) => {
  const { then, objects } = await afterApplying(context);
  const compared = { before: context.snapshot, after: then.snapshot, objects, reading: 'intended' } as const;
  const report = await context.paced(makingDriftReport(compared));
  const entries = report.entries.filter(({ sources }) => sources !== null);
  const pairs = (list: typeof entries): number => list.reduce((sum, entry) => sum + entry.pairs, 0);
  const opened = pairs(entries.filter(({ dangerous }) => dangerous));
  const closed = pairs(entries.filter(({ breaking }) => breaking));
  const words = `opens ${counted(opened, 'pair')} and closes ${counted(closed, 'pair')}`;
  return { entries, text: entries.length === 0 ? 'changes nothing between the pods that there are' : words };
});

const differenceStep: RunbookStep = {
  id: 'difference',
  title: 'what it opens and closes',
  source: 'model',
  expected: 'what changes is what is meant: a person must look',
  async run(context) {
    const { entries, text } = await effectsOf(context);
    const evidence = entries.slice(0, MOST_TOLD).map(({ type, summary }) => ({ what: type, value: summary }));
    return pass(`it ${text}`, { evidence });
  },
};

const flowsStep: RunbookStep = {
  id: 'flows',
  title: 'would it cut traffic that was seen',
  source: 'flows',
  expected: 'what was seen to pass may still pass',
  decisive: true,
  async run(context) {
    const flows = (await context.sources.flows?.()) ?? [];
    if (flows.length === 0) return skip(NO_KEPT_FLOWS);
    const passed = flows.filter(hasPassed);
    if (passed.length === 0) return skip('of no flow that is kept it is known that it passed');
    const after = (await afterApplying(context)).then.snapshot;
    const cut = await context.paced(cutBy(flowImpact(context.snapshot, after, passed.map(asObserved))));
    const [first] = cut;
    const among = `of ${counted(passed.length, 'flow')} that passed, ${spanText(passed)}`;
    if (first === undefined) return pass(`cuts none ${among}`);
    const found = `cuts ${String(cut.length)} ${among}`;
    const evidence = cut.slice(0, MOST_TOLD).map((one) => ({ what: flowText(one), value: one.why }));
    const remedy = { advice: ['let these through, or make sure that nobody needs them: see `atlas flows suggest`'] };
    return cause(found, `it cuts what was seen: ${flowText(first)}${others(cut)}`, remedy, { evidence });
  },
};

function* cutBy(impacts: Iterable<FlowImpact>): Generator<null, readonly FlowImpact[]> {
  const cut: FlowImpact[] = [];
  for (const impact of impacts) {
    if (impact.effect === 'cut') cut.push(impact);
    yield null;
  }
  return cut;
}

function spanText(flows: readonly LastingFlow[]): string {
  const [since = ''] = flows.map(({ firstSeen }) => firstSeen).sort();
  return `seen since ${since}, last ${flows[0]?.lastSeen ?? ''}`;
}

function flowText({ flow: { src, dst, protocol, port } }: FlowImpact): string {
  return `${src} → ${dst} on ${[protocolName(protocol), port].join(' ').trim()}`;
}

const dependenciesStep: RunbookStep = {
  id: 'dependencies',
  title: 'does it cut DNS, the API server, webhooks, metrics, ingress, or what is declared',
  source: 'model',
  expected: 'all that is needed and reached today still is',
  decisive: true,
  run: (context) => settledBy(context, DEPENDENCIES),
};

const zonesStep: RunbookStep = {
  id: 'zones',
  title: 'does it open a way between zones that are kept apart',
  source: 'model',
  expected: 'no new way between zones',
  decisive: true,
  run: (context) => settledBy(context, ['zone-violation']),
};

async function settledBy(context: RunbookContext, checks: readonly string[]): Promise<StepResult> {
  const found = await newFindings(context, checks);
  const [first] = found;
  if (first === undefined) return pass('nothing new found');
  const remedy = { advice: [first.remediation], fix: first.fix };
  const answer = `it breaks what is needed: ${first.title}${others(found)}`;
  return cause(first.title, answer, remedy, { evidence: evidenceOf(found) });
}

const verdictStep: RunbookStep = {
  id: 'verdict',
  title: 'may it be applied',
  source: 'model',
  expected: 'nothing that is needed breaks',
  async run(context) {
    const notes = await newFindings(context, MISTAKES);
    const advice = [...new Set(notes.map(({ remediation }) => remediation))];
    const safe = notes.length === 0 ? 'safe to apply' : `safe to apply, with ${counted(notes.length, 'note')}`;
    return works(safe, `${safe}: it ${(await effectsOf(context)).text}`, advice, { evidence: evidenceOf(notes) });
  },
};

/** RB-7. */
export const runbook = defineRunbook({
  id: 'before-applying',
  number: 'RB-7',
  title: 'may this policy be applied',
  description:
    'Takes manifests that nobody has applied yet and looks at the cluster as it would be with them: whether they can be read, what mistakes they bring, what they open and close, and whether they cut what the platform and the workloads need or open a way between zones.',
  needs: ['manifests'],
  takes: [],
  alerts: [],
  heads: { 'cause-found': 'DO NOT APPLY', 'not-the-cause': 'SAFE', undetermined: 'UNDETERMINED' },
  clean: 'it is safe to apply',
  steps: [readableStep, mistakesStep, differenceStep, flowsStep, dependenciesStep, zonesStep, verdictStep],
});
