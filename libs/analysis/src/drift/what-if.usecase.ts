import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AppError, type ClusterProblem, type FieldError, type ObservedFlowInput, type WhatIfInput } from '#contracts';
import {
  asObserved,
  changingSnapshot,
  flowImpact,
  hasPassed,
  hasPorts,
  makingDriftReport,
  objectRef,
  parseProtocol,
  type CompiledSnapshot,
  type FlowImpact,
  type ObservedFlow,
} from '#engine';
import { KeptFlows } from '../flows/kept-flows.usecase.js';
import { pacedChunks, runPaced } from '../pacing/paced.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { driftAnswer, type DriftAnswer, type SnapshotPoint, type WorkedOutDrift } from './drift-answer.js';
import { stateOf } from './drift.usecase.js';
import { givenManifests } from './manifest-input.js';
import { RecentReports } from './recent-reports.js';

/** What a change would do: the drift that it makes, and what becomes of flows that somebody saw. */
export interface WhatIfAnswer extends DriftAnswer {
  /** Null when none were given and none are kept. */
  readonly flows: WhatIfFlows | null;
}

/** What becomes of flows that were given with the question or, without any, of those that the cluster keeps. */
export interface WhatIfFlows {
  readonly given: number;
  /** The cluster keeps them. */
  readonly kept: boolean;
  /** Of those that are kept; null of others. */
  readonly firstSeen: Date | null;
  readonly lastSeen: Date | null;
  readonly same: number;
  /** Those that do not stay as they are. */
  readonly affected: readonly FlowImpact[];
}

type ChosenFlows = Omit<WhatIfFlows, 'given' | 'same' | 'affected'> & { readonly flows: readonly ObservedFlow[] };

interface Change {
  readonly drift: WorkedOutDrift;
  readonly before: CompiledSnapshot;
  readonly after: CompiledSnapshot;
}

const KEPT_CHANGES = 4;
const GIVEN = { kept: false, firstSeen: null, lastSeen: null } as const;

/** The drift that a change would make, before anyone makes it. Nothing is written, here or in the cluster. */
@Injectable()
export class WhatIf {
  private readonly recent = new RecentReports<Change>(KEPT_CHANGES);

  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(KeptFlows) private readonly kept: KeptFlows,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`, `request.invalid` */
  async execute(input: WhatIfInput): Promise<WhatIfAnswer> {
    const given = input.flows === undefined ? null : readFlows(input.flows);
    const located = await this.reader.locate(input.cluster, input.at);
    const { apply, remove, encoding, promote, reading = 'enforced' } = input;
    const digest = createHash('sha256')
      .update(JSON.stringify([apply, remove, encoding, promote]))
      .digest('hex');
    const scope = ['whatIf', located.cluster.id, located.snapshot.seq, digest, reading];
    const flows = given === null ? await this.keptFlows(located) : { flows: given, ...GIVEN };
    const change = await this.recent.get(JSON.stringify(scope), () => this.workOut(located, input, scope));
    const now = { provenance: located.provenance, before: stateOf(located), after: stateOf(located) };
    return {
      ...driftAnswer({ ...change.drift, ...now }, input, located.sees, this.cursors),
      flows: flows === null ? null : await impactOf(change, flows, located),
    };
  }

  /** What passed, of what the cluster keeps. */
  private async keptFlows(located: LocatedSnapshot): Promise<ChosenFlows | null> {
    const { span, flows } = await this.kept.all(located);
    if (flows.length === 0) return null;
    const passed = flows.filter(hasPassed).map(asObserved);
    return { flows: passed, kept: true, firstSeen: span.firstSeen, lastSeen: span.lastSeen };
  }

  private async workOut(located: LocatedSnapshot, input: WhatIfInput, scope: readonly unknown[]): Promise<Change> {
    const { encoding, reading = 'enforced' } = input;
    const read = (text: string | undefined, field: string) =>
      text === undefined ? { facts: [], problems: [] } : givenManifests(text, encoding, field, { declaredOnly: true });
    const [apply, remove, before] = await Promise.all([
      read(input.apply, 'apply'),
      read(input.remove, 'remove'),
      this.reader.compiled(located),
    ]);
    const changes = {
      apply: apply.facts,
      remove: remove.facts.map(({ meta }) => objectRef(meta)),
      promote: input.promote ?? [],
    };
    const { after, objects, missing } = await runPaced(changingSnapshot(before, changes));
    const absent = missing.map((what): ClusterProblem => ({
      code: 'change.missing',
      message: `\`${what}\` is not in the cluster, so nothing comes of removing or promoting it`,
    }));
    const drift: WorkedOutDrift = {
      report: await runPaced(makingDriftReport({ before, after, objects, reading })),
      before: stateOf(located),
      after: stateOf(located),
      provenance: located.provenance,
      problems: [...apply.problems, ...remove.problems, ...absent],
      when: new Map<string, SnapshotPoint>(),
      scope,
    };
    return { drift, before, after };
  }
}

async function impactOf(
  { before, after }: Change,
  { flows, ...chosen }: ChosenFlows,
  { sees }: LocatedSnapshot,
): Promise<WhatIfFlows> {
  const impacts = flowImpact(before, after, flows, sees);
  const affected: FlowImpact[] = [];
  for await (const chunk of pacedChunks(impacts, flows.length)) {
    affected.push(...chunk.filter(({ effect }) => effect !== 'same'));
  }
  return { given: flows.length, ...chosen, same: flows.length - affected.length, affected };
}

function readFlows(flows: readonly ObservedFlowInput[]): readonly ObservedFlow[] {
  const errors: FieldError[] = [];
  const read = flows.map(({ src, dst, protocol: name, port }, index): ObservedFlow => {
    const protocol = parseProtocol(name);
    const at = `/flows/${String(index)}`;
    if (protocol === null) errors.push({ pointer: `${at}/protocol`, detail: `\`${name}\` is no protocol` });
    else if (hasPorts(protocol) !== (port !== undefined)) {
      const detail = port === undefined ? `${name} has ports, give one` : `${name} has no ports, leave it out`;
      errors.push({ pointer: `${at}/port`, detail });
    }
    return { src, dst, protocol: protocol ?? 0, port: port ?? null };
  });
  const [first] = errors;
  if (first === undefined) return read;
  throw new AppError('request.invalid', `\`${first.pointer}\`: ${first.detail}`, { errors });
}
