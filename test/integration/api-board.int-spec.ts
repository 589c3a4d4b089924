import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JOB_QUEUE, type JobQueue } from '#queue';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { startWithLimitedCaller, type LimitedCaller } from './api/limited-caller.js';

interface Shown {
  readonly queues: readonly {
    readonly name: string;
    readonly readOnlyMode: boolean;
    readonly counts: { waiting: number };
  }[];
}

/** Puts a job into a queue that nobody serves and reads the board. */
async function expectShown(api: ApiUnderTest, headers: Record<string, string> = {}): Promise<void> {
  const payload = { runId: randomUUID(), delivery: 0 };
  const job = await api.app.get<JobQueue>(JOB_QUEUE, { strict: false }).enqueue('retention.run', payload);
  const { status, json } = await api.request('GET', '/board/api/queues', undefined, headers);
  expect(status).toBe(200);
  const { queues } = json as Shown;
  expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
  expect(queues.filter(({ counts }) => counts.waiting > 0)).toMatchObject([
    { name: 'maintenance', counts: { waiting: 1 } },
  ]);
  const one = await api.request('GET', `/board/api/queues/maintenance/${job}`, undefined, headers);
  expect(one).toMatchObject({ status: 200, json: { job: { id: job, data: payload }, status: 'waiting' } });
  const stats = await api.request('GET', '/board/api/redis/stats', undefined, headers);
  expect(stats).toMatchObject({ status: 200, json: { version: expect.any(String) } });
}

describe('the board', () => {
  let limited: LimitedCaller;

  beforeAll(async () => {
    limited = await startWithLimitedCaller();
  });
  afterAll(() => limited.close());

  it('shows the queues on Postgres', () => expectShown(limited.api, limited.root));

  it('shows the queues on Redis', async () => {
    const redis: TestRedis | null = await startTestRedis();
    if (redis === null) return;
    const api = await startApiUnderTest({ REDIS_URL: redis.url });
    try {
      await expectShown(api);
    } finally {
      await api.close();
      await redis.stop();
    }
  });

  it('is a page with files of its own', async () => {
    const { api, root } = limited;
    for (const path of ['/board', '/board/queue/maintenance?status=failed']) {
      const page = await api.request('GET', path, undefined, root);
      expect(page.status).toBe(200);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
      // Or a browser does not heed the base, and finds none of the page's files.
      expect(page.headers.get('content-security-policy')).toContain("base-uri 'self'");
      expect(page.text).toContain('<base href="/board/" />');
      expect(page.text).not.toContain('<%');
      const script = /<script defer src="(static\/js\/main\.[^"]+)"/.exec(page.text)?.[1] ?? '';
      const file = await api.request('GET', `/board/${script}`, undefined, root);
      expect(file).toMatchObject({ status: 200 });
      expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    }
  });

  it.each(['/board/static/..%2findex.ejs', '/board/static//index.ejs', '/board/static/none.js', '/board/api/none'])(
    'has nothing at %s',
    async (path) => {
      const { status, text } = await limited.api.request('GET', path, undefined, limited.root);
      expect(status).toBe(404);
      expect(text).not.toContain('<%');
    },
  );

  it('is for admins of everything, and changes nothing', async () => {
    const { api, root, sue } = limited;
    for (const path of ['/board', '/board/api/queues', '/board/static/favicon.ico']) {
      expect((await api.request('GET', path)).status).toBe(401);
      expect(await api.request('GET', path, undefined, sue)).toMatchObject({
        status: 403,
        json: { code: 'forbidden' },
      });
    }
    for (const [method, path] of [
      ['PUT', '/board/api/queues/maintenance/pause'],
      ['PUT', '/board/api/queues/maintenance/empty'],
      ['POST', '/board/api/queues/maintenance/add'],
    ] as const) {
      expect([404, 405]).toContain((await api.request(method, path, {}, root)).status);
    }
  });
});
