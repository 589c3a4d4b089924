import { Inject, Injectable } from '@nestjs/common';
import { accessFor, currentAccess, runWithAccess, type ChatPlatform } from '#access';
import { CONFIG, type Config } from '#config';
import { AppError, parseInput, reachabilityInput, runbookRunInput, type ReachabilityInput } from '#contracts';
import { CHAT_CONTENT, postJson, type MessageWords } from '#delivery';
import type { Answer } from '#engine';
import { Audits } from '../audits/audits.usecase.js';
import { Findings } from '../audits/findings.usecase.js';
import { sendOptions } from '../delivery/send-deliveries.usecase.js';
import { DriftTimeline } from '../drift/drift-timeline.usecase.js';
import type { AsOf } from '../provenance/provenance.js';
import { CanReach, notFoundError } from '../reachability/can-reach.usecase.js';
import { Why } from '../reachability/why.usecase.js';
import { RunRunbook } from '../runbooks/run-runbook.usecase.js';
import { readChatQuestion, type ChatQuestion } from './chat-question.js';

type Asked<V extends ChatQuestion['verb']> = Extract<ChatQuestion, { readonly verb: V }>;

const MOST_LINES = 5;
const SEVERITY_OF = { allowed: 'info', denied: 'error', mixed: 'warning', undetermined: 'warning' } as const;
const HELP = [
  { name: 'can shop/web -> pay/api:8443', value: 'can one reach the other? add `udp`, and `in CLUSTER`' },
  { name: 'why shop/web -> pay/api:8443', value: 'why, and what would change it' },
  { name: 'diff in CLUSTER', value: 'what changed last' },
  { name: 'check in CLUSTER', value: 'what the last audit found' },
  { name: 'runbook ID namespace=shop in CLUSTER', value: 'runs a runbook' },
];

/** Answers what is asked in a chat, the verdict first. What it says is what the caller may see. */
@Injectable()
export class ChatAnswers {
  constructor(
    @Inject(CanReach) private readonly canReach: CanReach,
    @Inject(Why) private readonly why: Why,
    @Inject(DriftTimeline) private readonly drift: DriftTimeline,
    @Inject(Audits) private readonly audits: Audits,
    @Inject(Findings) private readonly findings: Findings,
    @Inject(RunRunbook) private readonly runbooks: RunRunbook,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Never throws for what was asked: an error is an answer. `cluster` is meant when none is named. */
  async answer(text: string, cluster: string | undefined): Promise<MessageWords> {
    const question = readChatQuestion(text);
    try {
      return await this.about(question, cluster);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'internal') throw error;
      return { ...words('warning', error.message), text: error.retryable ? 'Ask again in a moment.' : '' };
    }
  }

  /** Posts a late answer where the chat waits for it. @throws DeliveryError */
  async postLate(platform: ChatPlatform, url: string, answer: MessageWords): Promise<void> {
    await postJson(url, CHAT_CONTENT[platform](answer), sendOptions(this.config));
  }

  private about(question: ChatQuestion, fallback: string | undefined): Promise<MessageWords> | MessageWords {
    if (question.verb === 'help') return helped(question.problem);
    const cluster = question.cluster ?? fallback;
    if (cluster === undefined) return helped('name the cluster: put `in CLUSTER` at the end');
    switch (question.verb) {
      case 'can':
        return this.can(flowInput(question, cluster));
      case 'why':
        return this.explain(flowInput(question, cluster));
      case 'diff':
        return this.lastChange(cluster);
      case 'check':
        return this.lastAudit(cluster);
      case 'runbook':
        return this.run(question, cluster);
    }
  }

  private async can(input: ReachabilityInput): Promise<MessageWords> {
    const outcome = await this.canReach.execute(input);
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    return { ...verdictOf(outcome.answer, input), facts: [...deciding(outcome.answer), state(outcome.asOf)] };
  }

  private async explain(input: ReachabilityInput): Promise<MessageWords> {
    const { answer, fixes, asOf } = await this.why.execute(input);
    const fix = fixes.slice(0, 1).map(({ title }) => ({ name: 'fix', value: title }));
    const steps = answer.steps.slice(0, MOST_LINES).map(({ hop, why }) => ({ name: hop, value: why }));
    return { ...verdictOf(answer, input), facts: [...deciding(answer), ...steps, ...fix, state(asOf)] };
  }

  private async lastChange(cluster: string): Promise<MessageWords> {
    const { items, asOf } = await this.drift.list(cluster, { limit: MOST_LINES });
    const [last] = items;
    if (last === undefined)
      return { ...words('info', `Nothing is known to have changed in ${asOf.cluster}`), facts: [state(asOf)] };
    const { entries, dangerous, breaking } = last;
    const title = `${String(entries)} ways changed in ${asOf.cluster}, ${String(dangerous)} dangerous, ${String(breaking)} breaking`;
    const facts = items.map((one) => ({
      name: one.after.takenAt.toISOString(),
      value: `snapshot ${String(one.after.seq)}: ${String(one.entries)} ways, ${String(one.objects)} objects`,
    }));
    return { ...words(dangerous + breaking > 0 ? 'warning' : 'info', title), facts: [...facts, state(asOf)] };
  }

  private async lastAudit(cluster: string): Promise<MessageWords> {
    const { id, severities, score, asOf } = await this.audits.latest(cluster);
    const { items } = await this.findings.list(id, { limit: MOST_LINES, state: 'current', suppressed: 'exclude' });
    const { critical, high, medium } = severities;
    const title = `${asOf.cluster}: score ${score === null ? 'unknown' : String(score)}, ${String(critical)} critical, ${String(high)} high, ${String(medium)} medium findings`;
    const facts = items.map(({ severity, title: value }) => ({ name: severity, value }));
    return { ...words(critical + high > 0 ? 'error' : 'info', title), facts: [...facts, state(asOf)] };
  }

  private async run({ runbook, inputs }: Asked<'runbook'>, cluster: string): Promise<MessageWords> {
    // Who may ask about every cluster may run runbooks on some, or on none.
    const access = accessFor(currentAccess().caller, 'runbook.run');
    if (access === null) {
      throw new AppError('forbidden', 'running a runbook takes the role of an operator, ask an administrator for it');
    }
    const input = { ...parseInput(runbookRunInput, { runbook, ...inputs }), cluster };
    const { report, asOf } = await runWithAccess(access, () => this.runbooks.execute(input));
    const facts = report.advice.slice(0, MOST_LINES).map((value, index) => ({ name: String(index + 1), value }));
    return {
      ...words(report.result === 'cause-found' ? 'error' : 'info', report.answer),
      text: report.title,
      facts: [...facts, state(asOf)],
    };
  }
}

function flowInput({ from, to, port, protocol }: Asked<'can' | 'why'>, cluster: string): ReachabilityInput {
  return parseInput(reachabilityInput, { cluster, from, to, port, protocol });
}

function verdictOf({ verdict, summary }: Answer, { from, to, port }: ReachabilityInput): MessageWords {
  const place = port === undefined ? to : `${to}:${String(port)}`;
  return { ...words(SEVERITY_OF[verdict], `${verdict.toUpperCase()}  ${from} → ${place}`), text: summary };
}

function deciding({ steps }: Answer): MessageWords['facts'] {
  const labels = steps.flatMap(({ rules }) => rules.map(({ label }) => label));
  return labels.length === 0
    ? []
    : [{ name: 'decided by', value: [...new Set(labels)].slice(0, MOST_LINES).join(', ') }];
}

function state({ cluster, seq, takenAt }: AsOf): { name: string; value: string } {
  return { name: 'as of', value: `snapshot ${String(seq)} of ${cluster}, ${takenAt.toISOString()}` };
}

function helped(problem: string): MessageWords {
  return { ...words('info', problem === '' ? 'What can be asked' : problem), facts: HELP };
}

function words(severity: MessageWords['severity'], title: string): MessageWords {
  return { severity, title, text: '', facts: [], link: null };
}
