import { Inject, Injectable } from '@nestjs/common';
import { runbookNamed, type Runbook } from '#checks';
import { isAppError, runbookInputs, type AlertmanagerInput, type RunbookInputsInput } from '#contracts';
import { AlertRepository, ClusterRepository, type AlertRecord, type NewAlert } from '#store';
import { Jobs } from '../jobs/jobs.usecase.js';
import { parseRunbookInputs } from './parse-runbook-inputs.js';
import { RunbookShelf } from './runbook-shelf.js';

type Told = AlertmanagerInput['alerts'][number];

/** An alert that no runbook was run for, and why. */
export interface LeftAlert {
  readonly name: string;
  readonly fingerprint: string;
  readonly reason: string;
}

/** What came of one message of Alertmanager. */
export interface AlertsReceived {
  readonly received: number;
  /** Told for the first time. */
  readonly fresh: number;
  /** Known already. */
  readonly repeated: number;
  /** Jobs that run a runbook for them; alerts with the same question share one. */
  readonly jobs: readonly string[];
  readonly left: readonly LeftAlert[];
}

interface MappedAlert extends NewAlert {
  readonly inputs: RunbookInputsInput;
}

/** Turns alerts into runs of runbooks, each alert once however often Alertmanager repeats it. */
@Injectable()
export class ReceiveAlerts {
  constructor(
    @Inject(RunbookShelf) private readonly shelf: RunbookShelf,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(AlertRepository) private readonly alerts: AlertRepository,
    @Inject(Jobs) private readonly jobs: Jobs,
  ) {}

  /**
   * The rows come first, and an alert without a job gets one at its next delivery: if the process dies in between,
   * Alertmanager has no answer and tells it again. @throws AppError `queue.unavailable`
   */
  async execute(message: AlertmanagerInput, defaultCluster: string | undefined): Promise<AlertsReceived> {
    const runbooks = await this.shelf.list();
    const clusterIds = await this.clusterIdsOf(message.alerts, defaultCluster);
    const left: LeftAlert[] = [];
    const mapped = new Map<string, MappedAlert>();
    for (const told of message.alerts) {
      const found = mapAlert(told, runbooks, clusterIds.get(told.labels['cluster'] ?? defaultCluster ?? '') ?? null);
      if ('reason' in found) left.push(found);
      else mapped.set(keyOf(found), found);
    }
    const known = await this.alerts.receive([...mapped.values()].map(({ inputs: _, ...alert }) => alert));
    const waiting = known.filter(({ status, jobId }) => status === 'firing' && jobId === null);
    const jobs = await this.startJobs(waiting, mapped);
    const fresh = known.filter(({ deliveries }) => deliveries === 1).length;
    return { received: message.alerts.length, fresh, repeated: known.length - fresh, jobs, left };
  }

  /** One job for all alerts that ask the same: a node that is full makes many pods complain. */
  private async startJobs(
    waiting: readonly AlertRecord[],
    mapped: ReadonlyMap<string, MappedAlert>,
  ): Promise<string[]> {
    const groups = new Map<string, AlertRecord[]>();
    for (const alert of waiting) {
      const question = JSON.stringify([alert.clusterId, alert.runbook, mapped.get(keyOf(alert))?.inputs]);
      groups.set(question, [...(groups.get(question) ?? []), alert]);
    }
    const started: string[] = [];
    for (const alerts of groups.values()) {
      const [first] = alerts as [AlertRecord];
      const { clusterId, runbook } = first;
      const inputs = mapped.get(keyOf(first))?.inputs ?? {};
      const input = { clusterId, runbook, inputs };
      const job = await this.jobs.start({ name: 'runbook.run', input, clusterId });
      await this.alerts.startedBy(job.id, alerts);
      started.push(job.id);
    }
    return started;
  }

  /** Ids by the names that alerts give; a cluster that is not there has none. */
  private async clusterIdsOf(
    alerts: readonly Told[],
    defaultCluster: string | undefined,
  ): Promise<ReadonlyMap<string, string>> {
    const names = new Set(alerts.map(({ labels }) => labels['cluster'] ?? defaultCluster ?? ''));
    const ids = new Map<string, string>();
    for (const name of names) {
      try {
        if (name !== '') ids.set(name, (await this.clusters.get(name)).id);
      } catch (error) {
        if (!isAppError(error, 'cluster.not_found')) throw error;
      }
    }
    return ids;
  }
}

function keyOf({ clusterId, fingerprint, startsAt }: Pick<NewAlert, 'clusterId' | 'fingerprint' | 'startsAt'>): string {
  return `${clusterId} ${fingerprint} ${startsAt.toISOString()}`;
}

/** Alertmanager's "no end yet". */
const NO_END = '0001-01-01T00:00:00Z';

function mapAlert(told: Told, runbooks: readonly Runbook[], clusterId: string | null): MappedAlert | LeftAlert {
  const { labels, fingerprint, status } = told;
  const name = labels['alertname'] ?? '';
  const leave = (reason: string): LeftAlert => ({ name, fingerprint, reason });
  if (clusterId === null) {
    const given = labels['cluster'];
    return leave(
      given === undefined
        ? 'it names no cluster: give it a label `cluster`, or the webhook a `?cluster=`'
        : `there is no cluster \`${given}\``,
    );
  }
  const runbook = runbookFor(told, runbooks);
  if (runbook === null)
    return leave('no runbook is meant for it: give it the annotation `runbook_url` or the label `runbook`');
  const inputs = inputsFrom(labels, runbook);
  try {
    parseRunbookInputs(runbook, inputs);
  } catch (error) {
    if (!isAppError(error, 'question.invalid')) throw error;
    return leave(error.message);
  }
  const endsAt = status === 'resolved' && told.endsAt !== NO_END ? new Date(told.endsAt) : null;
  return {
    clusterId,
    fingerprint,
    startsAt: new Date(told.startsAt),
    name,
    labels,
    status,
    endsAt,
    runbook: runbook.id,
    inputs,
  };
}

/** By the link in its annotation, else by a label, else by its name. */
function runbookFor({ annotations, labels }: Told, runbooks: readonly Runbook[]): Runbook | null {
  const named = (name = ''): Runbook | null => runbookNamed(runbooks, name);
  return named(annotations['runbook_url']) ?? named(labels['runbook']) ?? named(labels['alertname']);
}

/** The labels that a runbook takes as inputs; `instance` names a node where no label does. */
function inputsFrom(labels: Readonly<Record<string, string>>, runbook: Runbook): RunbookInputsInput {
  const known = new Set<string>([...runbook.needs, ...runbook.takes]);
  const given: Record<string, string | undefined> = {
    from: labels['from'],
    to: labels['to'],
    port: labels['port'],
    protocol: labels['protocol'],
    namespace: labels['namespace'],
    node: labels['node'] ?? labels['nodename'] ?? labels['instance']?.replace(/:\d+$/, ''),
  };
  const taken = Object.entries(given).filter(([key, value]) => known.has(key) && value !== undefined && value !== '');
  const parsed = runbookInputs.safeParse(Object.fromEntries(taken));
  return parsed.success ? parsed.data : {};
}
