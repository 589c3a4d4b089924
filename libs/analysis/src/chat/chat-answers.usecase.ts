import { Inject, Injectable } from '@nestjs/common';
import { accessFor, currentAccess, runWithAccess, type ChatPlatform } from '#access';
import { CONFIG, type Config } from '#config';
import { AppError, parseInput, reachabilityInput, runbookRunInput, type ReachabilityInput } from '#contracts';
import { CHAT_CONTENT, postJson, type MessageWords } from '#delivery';
import { Audits } from '../audits/audits.usecase.js';
import { Findings } from '../audits/findings.usecase.js';
import { Clusters } from '../clusters/clusters.usecase.js';
import { sendOptions } from '../delivery/send-deliveries.usecase.js';
import { DriftTimeline } from '../drift/drift-timeline.usecase.js';
import { CanReach, notFoundError } from '../reachability/can-reach.usecase.js';
import { Why } from '../reachability/why.usecase.js';
import { RunRunbook } from '../runbooks/run-runbook.usecase.js';
import { RunbookShelf } from '../runbooks/runbook-shelf.js';
import { readChatQuestion, type ChatQuestion } from './chat-question.js';
import {
  MOST_LINES,
  aboutFacts,
  auditWords,
  driftWords,
  runbookWords,
  said,
  verdictWords,
  whyWords,
} from './chat-words.js';

type Asked<V extends ChatQuestion['verb']> = Extract<ChatQuestion, { readonly verb: V }>;

const MOST_CLUSTERS = 25;
const HELP = [
  { name: 'can shop/web -> pay/api:8443', value: 'can one reach the other? add `udp`, and `in CLUSTER`' },
  { name: 'why shop/web -> pay/api:8443', value: 'why, and what would change it' },
  { name: 'diff in CLUSTER', value: 'what changed last' },
  { name: 'check in CLUSTER', value: 'what the last audit found' },
  { name: 'runbook', value: 'which runbooks there are, and what each needs' },
  { name: 'runbook ID namespace=shop in CLUSTER', value: 'runs one, by its id, or by the name or link of an alert' },
  { name: 'runbook ID shop/web -> pay/api:8443', value: 'runs one that is about two' },
];

/** Answers what is asked in a chat, the verdict first. What it says is what the caller may see. */
@Injectable()
export class ChatAnswers {
  constructor(
    @Inject(CanReach) private readonly canReach: CanReach,
    @Inject(Why) private readonly why: Why,
    @Inject(DriftTimeline) private readonly timeline: DriftTimeline,
    @Inject(Audits) private readonly audits: Audits,
    @Inject(Findings) private readonly findings: Findings,
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(RunRunbook) private readonly runbooks: RunRunbook,
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Never throws for what was asked: an error is an answer. `cluster` is meant when none is named. */
  async answer(text: string, cluster: string | undefined): Promise<MessageWords> {
    const question = readChatQuestion(text);
    try {
      return await this.about(question, cluster);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'internal') throw error;
      return error.code === 'cluster.not_found' ? this.named(refusal(error)) : refusal(error);
    }
  }

  /** Posts a late answer where the chat waits for it. @throws DeliveryError */
  async postLate(platform: ChatPlatform, url: string, answer: MessageWords): Promise<void> {
    await postJson(url, CHAT_CONTENT[platform](answer), sendOptions(this.config));
  }

  private about(question: ChatQuestion, fallback: string | undefined): Promise<MessageWords> | MessageWords {
    if (question.verb === 'help') return helped(question.problem);
    if (question.verb === 'runbooks') return this.listed();
    const cluster = question.cluster ?? fallback;
    if (cluster === undefined) return this.named(helped('name the cluster: put `in CLUSTER` at the end'));
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

  /** With the clusters that could be meant: a chat has no other way to list them. */
  private async named(words: MessageWords): Promise<MessageWords> {
    const { items, nextCursor } = await this.clusters.list({ limit: MOST_CLUSTERS });
    if (items.length === 0) return words;
    const names = items.map(({ name }) => name).join(', ') + (nextCursor === null ? '' : ', …');
    return { ...words, facts: [...words.facts, { name: 'clusters', value: names }] };
  }

  private async can(input: ReachabilityInput): Promise<MessageWords> {
    const outcome = await this.canReach.execute(input);
    if (outcome.type === 'notFound') throw notFoundError(outcome.notFound);
    return verdictWords(outcome.answer, input, outcome);
  }

  private async explain(input: ReachabilityInput): Promise<MessageWords> {
    const { answer, fixes, ...about } = await this.why.execute(input);
    return whyWords(answer, fixes, input, about);
  }

  private async lastChange(cluster: string): Promise<MessageWords> {
    const { items, ...about } = await this.timeline.list(cluster, { limit: 1 });
    const [last] = items;
    const report = last === undefined ? null : await this.timeline.reportOf(about.asOf.clusterId, last.after.seq);
    if (last === undefined || report === null) {
      const title = `Nothing is known to have changed in ${about.asOf.cluster}`;
      return { ...said('info', title), facts: aboutFacts(about) };
    }
    return driftWords(report, about, last.after.takenAt);
  }

  private async lastAudit(cluster: string): Promise<MessageWords> {
    const audit = await this.audits.latest(cluster);
    const worst = { limit: MOST_LINES, state: 'current', suppressed: 'exclude' } as const;
    const { items } = await this.findings.list(audit.id, worst);
    return auditWords(audit, items);
  }

  private async listed(): Promise<MessageWords> {
    const facts = (await this.shelf.list()).map(({ id, number, title, needs }) => ({
      name: `${number} ${id}`,
      value: needs.length === 0 ? title : `${title}; needs ${needs.join(', ')}`,
    }));
    return { ...said('info', 'Runbooks'), facts };
  }

  private async run({ runbook, inputs }: Asked<'runbook'>, cluster: string): Promise<MessageWords> {
    // Who may ask about every cluster may run runbooks on some, or on none.
    const access = accessFor(currentAccess().caller, 'runbook.run');
    if (access === null) {
      throw new AppError('forbidden', 'running a runbook takes the role of an operator, ask an administrator for it');
    }
    const input = { ...parseInput(runbookRunInput, { runbook, ...inputs }), cluster };
    const { report, ...about } = await runWithAccess(access, () => this.runbooks.execute(input));
    return runbookWords(report, await this.shelf.get(report.runbook), about);
  }
}

function flowInput({ from, to, port, protocol }: Asked<'can' | 'why'>, cluster: string): ReachabilityInput {
  return parseInput(reachabilityInput, { cluster, from, to, port, protocol });
}

function helped(problem: string): MessageWords {
  return { ...said('info', problem === '' ? 'What can be asked' : problem), facts: HELP };
}

/** What went wrong, and what the one who asked can do about it here. */
function refusal({ code, message, retryable, details }: AppError): MessageWords {
  const { near } = details;
  if (Array.isArray(near) && near.length > 0) {
    return said('warning', message, `Did you mean ${near.map((name) => `\`${String(name)}\``).join(', ')}?`);
  }
  return said('warning', message, NEXT[code] ?? (retryable ? 'Ask again in a moment.' : ''));
}

const NEXT: Readonly<Partial<Record<AppError['code'], string>>> = {
  'audit.not_found': 'Start one by `atlas audit --server --cluster NAME`, or give the cluster a schedule.',
};
