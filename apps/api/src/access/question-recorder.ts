import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { LOG, type Log } from '#telemetry';
import { QuestionLog, type LoggedQuestion } from '#analysis';

const FLUSH_MS = 250;
/** Entries of one statement. Each is felt by the requests of its moment: fewer and longer ones by fewer of them. */
const MOST_AT_ONCE = 1_000;
/** Entries that wait at most: beyond, requests would be answered without a trace, and the oldest are let go with a word. */
const MOST_WAITING = 50_000;

type Waiting = LoggedQuestion & { times: number; lastAt: Date };

/** Writes the log of questions behind the answers, many entries at once. */
@Injectable()
export class QuestionRecorder implements BeforeApplicationShutdown {
  private waiting: Waiting[] = [];
  /** The newest entry that waits of each question that was allowed. */
  private joinable = new Map<string, Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(QuestionLog) private readonly questions: QuestionLog,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Notes a request, and keeps the entry. One that `mayJoin` is counted with those that say the same and wait to be written. */
  record(entry: Waiting, mayJoin = false): void {
    const known = mayJoin ? this.joinable.get(entry.question) : undefined;
    if (known !== undefined && saysTheSame(known, entry)) {
      known.times += entry.times;
      known.lastAt = entry.lastAt;
      return;
    }
    this.waiting.push(entry);
    if (mayJoin && entry.decision === 'allowed') this.joinable.set(entry.question, entry);
    this.timer ??= setTimeout(() => {
      this.flush();
    }, FLUSH_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.flush();
    await this.writing;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
  }

  private async write(): Promise<void> {
    const entries = this.waiting;
    this.waiting = [];
    // One that is cleared would keep what it had until the collector looks at the whole heap.
    this.joinable = new Map();
    let written = 0;
    try {
      for (; written < entries.length; written += MOST_AT_ONCE) {
        await this.questions.append(entries.slice(written, written + MOST_AT_ONCE));
      }
    } catch (error) {
      this.waiting = [...entries.slice(written), ...this.waiting];
      this.log.error('questions could not be logged yet', { waiting: this.waiting.length, error });
      const tooMany = this.waiting.length - MOST_WAITING;
      if (tooMany > 0) {
        const lost = this.waiting.splice(0, tooMany).reduce((sum, { times }) => sum + times, 0);
        this.log.error('questions were lost to the log', { lost });
      }
      this.timer ??= setTimeout(() => {
        this.flush();
      }, FLUSH_MS * 20);
    }
  }
}

function saysTheSame(a: LoggedQuestion, b: LoggedQuestion): boolean {
  return (
    a.subject === b.subject &&
    a.name === b.name &&
    a.action === b.action &&
    a.decision === b.decision &&
    a.status === b.status &&
    a.address === b.address
  );
}
