import { ask, finish, TCP } from '#engine';
import type { Answer, CompiledSnapshot, FlowQuestion, NotFound } from '#engine';

import { AuditContext } from '../context/audit-context.js';
import { DEFAULT_SETTINGS, type AuditSettings } from '../context/audit-settings.js';
import type { Check } from '../define-check.js';
import { runChecks, type CheckResult } from '../run-checks.js';
import type { RunbookInputs } from './define-runbook.js';
import type { RunbookSources } from './sources.js';

/** Does work that may pause to its end. */
export type Paced = <T>(work: Generator<null, T>) => Promise<T>;

/** What a run goes by where it is not told otherwise. */
interface RunbookManner {
  readonly settings?: AuditSettings | undefined;
  readonly paced?: Paced | undefined;
}

const atOnce: Paced = (work) => Promise.resolve(finish(work));

/** What the steps of one run share. What several ask is worked out once. */
export class RunbookContext {
  readonly audit: AuditContext;
  readonly paced: Paced;
  readonly #checks = new Map<string, CheckResult>();
  #answer: Answer | NotFound | undefined;

  constructor(
    readonly snapshot: CompiledSnapshot,
    readonly inputs: RunbookInputs,
    readonly sources: RunbookSources,
    private readonly checks: ReadonlyMap<string, Check>,
    { settings = DEFAULT_SETTINGS, paced = atOnce }: RunbookManner = {},
  ) {
    this.audit = new AuditContext(snapshot, settings);
    this.paced = paced;
  }

  /** The question that `from`, `to` and `port` make; only for runbooks that need both peers. */
  get question(): FlowQuestion {
    const { from, to, protocol = TCP, port = null } = this.inputs;
    if (from === undefined || to === undefined) throw new Error('this runbook has no `from` and `to`');
    return { source: from, destination: to, protocol, port };
  }

  /** The engine's answer to the question now, or what the snapshot does not hold of it. */
  get answer(): Answer | NotFound {
    if (this.#answer === undefined) {
      const asked = ask(this.snapshot, this.question);
      this.#answer = asked.type === 'answer' ? asked.answer : asked.error;
    }
    return this.#answer;
  }

  /** The same run, asked of another state. */
  at(snapshot: CompiledSnapshot): RunbookContext {
    const { inputs, sources, checks, audit, paced } = this;
    return new RunbookContext(snapshot, inputs, sources, checks, { settings: audit.settings, paced });
  }

  /** What an audit makes of the snapshot. Its fixes are not predicted: only the one that a run ends with is. */
  check(id: string): CheckResult {
    const known = this.#checks.get(id);
    if (known !== undefined) return known;
    const check = this.checks.get(id);
    if (check === undefined) throw new Error(`no check is named \`${id}\``);
    const options = { settings: this.audit.settings, predictions: 0 };
    const [result] = runChecks(this.snapshot, [check], options).results as readonly [CheckResult];
    this.#checks.set(id, result);
    return result;
  }
}

/** Whether the engine could answer. */
export function isAnswer(answer: Answer | NotFound): answer is Answer {
  return 'verdict' in answer;
}
