import { describe, expect, it } from '@jest/globals';
import { Secret } from '#config';
import { createLog, type LogOptions } from './log.js';
import { NestLog } from './nest-log.js';
import { requestIdFrom, runInRequest } from './request-context.js';

function recorded(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    app: 'api',
    destination: { write: (line) => void lines.push(line) },
    ...options,
  });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('createLog', () => {
  it('writes one JSON line an event, with time, level, app and fields', () => {
    const { log, entries } = recorded();
    log.child({ cluster: 'shop' }).info('synced', { objects: 3 });
    expect(entries()).toEqual([
      { level: 'info', time: expect.any(String), app: 'api', cluster: 'shop', objects: 3, msg: 'synced' },
    ]);
  });

  it('carries the request id through what a request awaits, and nowhere else', async () => {
    const { log, entries } = recorded();
    await runInRequest({ requestId: 'r1' }, async () => {
      await Promise.resolve();
      log.info('inside');
    });
    log.info('outside');
    expect(entries().map((entry) => entry['requestId'])).toEqual(['r1', undefined]);
  });

  it('shows no secret, by type or by name', () => {
    const { log, lines } = recorded();
    log.info('start', { url: new Secret('hunter2'), password: 'hunter2', source: { kubeconfig: 'hunter2' } });
    log.info('request', { headers: { authorization: 'Bearer hunter2' } });
    expect(lines.join('')).not.toContain('hunter2');
  });

  it('writes errors with their stack, and drops what is below its level', () => {
    const { log, entries } = recorded({ level: 'warn' });
    log.info('unheard');
    log.error('broken', { error: new Error('why') });
    expect(entries()).toMatchObject([{ msg: 'broken', error: { message: 'why', stack: expect.any(String) } }]);
  });

  it('is readable when pretty', () => {
    const { log, lines } = recorded({ format: 'pretty' });
    log.warn('two words', { a: 1, b: 'x y' });
    expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warn  two words a=1 b="x y"\n$/);
  });
});

describe('NestLog', () => {
  it('keeps messages, contexts, stacks and errors', () => {
    const { log, entries } = recorded();
    const nest = new NestLog(log);
    nest.log('mapped', 'Router');
    nest.error('failed', 'at x', 'Service');
    nest.error(new Error('why'));
    expect(entries()).toMatchObject([
      { level: 'debug', msg: 'mapped', context: 'Router' },
      { level: 'error', msg: 'failed', stack: 'at x', context: 'Service' },
      { level: 'error', msg: 'why', error: { message: 'why' } },
    ]);
  });
});

describe('what keeps an application from starting', () => {
  it('is left to who starts it, as it is thrown', () => {
    const { log, entries } = recorded();
    new NestLog(log).error(new Error('cannot read x'), 'ExceptionHandler');
    expect(entries()).toMatchObject([{ level: 'debug', msg: 'cannot read x' }]);
  });
});

describe('requestIdFrom', () => {
  it('keeps a harmless id and replaces every other', () => {
    expect(requestIdFrom('abc-1.2:3_4')).toBe('abc-1.2:3_4');
    for (const header of [undefined, '', 'a b', 'x\n{"level":"error"}', 'x'.repeat(129), ['a']]) {
      expect(requestIdFrom(header)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
