import { Cron } from 'croner';
import { AppError } from '#contracts';

/** Times missed are counted up to here. */
const MOST_MISSED = 1_000;

/** When a cron pattern comes round in a time zone. Clock changes are as Vixie cron has them. */
export class CronTimes {
  private readonly pattern: Cron;

  /** @throws AppError `request.invalid` for a pattern or a time zone that cannot be read, or that never comes round */
  constructor(
    cron: string,
    readonly timeZone: string,
  ) {
    if (!isTimeZone(timeZone)) {
      throw invalid('/timeZone', `there is no time zone \`${timeZone}\`, give an IANA name as \`Europe/Berlin\``);
    }
    try {
      this.pattern = new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true });
    } catch {
      throw invalid('/cron', `\`${cron}\` is no cron pattern, give five fields as \`0 6 * * mon-fri\``);
    }
    if (this.pattern.nextRun() === null)
      throw invalid('/cron', `\`${cron}\` never comes round, give a day that exists`);
  }

  /** The next times after `time`. */
  after(time: Date, count: number): Date[] {
    return this.pattern.nextRuns(count, time);
  }

  /** The next time after `now`, and how many passed between `due` and `now` without being it. */
  next(due: Date, now: Date): { readonly nextAt: Date; readonly missed: number } {
    let missed = 0;
    for (let time = this.pattern.nextRun(due); time !== null && time <= now; time = this.pattern.nextRun(time)) {
      missed += 1;
      if (missed === MOST_MISSED) break;
    }
    return { nextAt: this.pattern.nextRun(now) ?? now, missed };
  }

  /** As a clock there shows it: `2027-03-28 03:00 GMT+02:00`. */
  localText(time: Date): string {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: this.timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'longOffset',
    }).formatToParts(time);
    const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
    return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function invalid(pointer: string, detail: string): AppError {
  return new AppError('request.invalid', detail, { errors: [{ pointer, detail }] });
}
