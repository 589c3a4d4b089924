import { describe, expect, it } from '@jest/globals';
import { CronTimes } from './cron-times.js';

const after = (cron: string, zone: string, from: string, count: number): string[] => {
  const times = new CronTimes(cron, zone);
  return times.after(new Date(from), count).map((time) => times.localText(time));
};

describe('CronTimes', () => {
  it('runs once, late, on the day whose hour is skipped', () => {
    expect(after('30 2 * * *', 'Europe/Berlin', '2027-03-27T00:00:00Z', 3)).toEqual([
      '2027-03-27 02:30 GMT+01:00',
      '2027-03-28 03:00 GMT+02:00',
      '2027-03-29 02:30 GMT+02:00',
    ]);
  });

  it('runs once on the day whose hour comes twice', () => {
    expect(after('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25 02:30 GMT+02:00',
      '2026-10-26 02:30 GMT+01:00',
    ]);
  });

  it('goes on through the hour that comes twice when it is about minutes', () => {
    expect(after('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:59:00Z', 5)).toEqual([
      '2026-10-25 02:00 GMT+02:00',
      '2026-10-25 02:30 GMT+02:00',
      '2026-10-25 02:00 GMT+01:00',
      '2026-10-25 02:30 GMT+01:00',
      '2026-10-25 03:00 GMT+01:00',
    ]);
  });

  it('counts what was missed and goes on from now', () => {
    const hourly = new CronTimes('0 * * * *', 'UTC');
    const due = new Date('2026-11-26T03:00:00Z');
    expect(hourly.next(due, new Date('2026-11-26T03:00:02Z'))).toEqual({
      nextAt: new Date('2026-11-26T04:00:00Z'),
      missed: 0,
    });
    expect(hourly.next(due, new Date('2026-11-26T07:30:00Z'))).toEqual({
      nextAt: new Date('2026-11-26T08:00:00Z'),
      missed: 4,
    });
  });

  it('counts no further than a thousand', () => {
    const now = new Date('2026-11-26T07:30:30Z');
    const { nextAt, missed } = new CronTimes('* * * * *', 'UTC').next(new Date('2026-11-01T00:00:00Z'), now);
    expect([nextAt.toISOString(), missed]).toEqual(['2026-11-26T07:31:00.000Z', 1_000]);
  });

  it.each([
    ['61 * * * *', 'UTC', 'is no cron pattern'],
    ['* * * * * *', 'UTC', 'is no cron pattern'],
    ['0 0 30 2 *', 'UTC', 'never comes round'],
    ['0 0 * * *', 'Mars/Olympus', 'there is no time zone `Mars/Olympus`'],
  ])('refuses %j in %s', (cron, zone, message) => {
    expect(() => new CronTimes(cron, zone)).toThrow(message);
  });
});
