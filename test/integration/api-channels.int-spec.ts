import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { MailServer } from '../support/delivery/mail-server.js';
import { Receiver } from '../support/delivery/receiver.js';
import { isSignedForS3 } from '../support/delivery/sigv4.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';
import { DB_OPENED, SHOP } from './api/shop.js';
import { untilWithin } from './api/until.js';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const denyAll = (namespace: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all', namespace },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
});
/** A namespace with one pod. */
const PAY = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pay' } },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pay-0', namespace: 'pay', uid: 'pod-pay' },
    spec: { nodeName: 'n1', containers: [{ name: 'pay', image: 'registry.local/pay:1' }] },
    status: { phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }] },
  },
];
const S3_SECRET = 'a-secret-key-of-forty-characters-at-most';

const until = untilWithin(20_000);

describe('channels', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  let receiver: Receiver;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest({ ATLAS_PRIVATE_TARGETS: 'yes', ATLAS_PUBLIC_URL: 'https://atlas.example.com/' });
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    receiver = await Receiver.start();
    clusterId = (await api.seed('shop', SHOP)).id;
    await api.seed('other', SHOP);
  });
  afterEach(async () => {
    for (const { name } of expectDescribed('listChannels', await api.request('GET', '/api/v1/channels')).items) {
      expectDescribed('removeChannel', await api.request('DELETE', `/api/v1/channels/${name}`));
    }
    receiver.received.length = 0;
    receiver.answers.length = 0;
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
    await receiver.stop();
  });

  const add = async (name: string, target: object, events: string[] = ['report.ready'], more: object = {}) =>
    expectDescribed('createChannel', await api.request('POST', '/api/v1/channels', { name, target, events, ...more }));
  const test = async (name: string) =>
    expectDescribed('testChannel', await api.request('POST', `/api/v1/channels/${name}/test`));
  const report = async (body: object = {}): Promise<string> => {
    const made = { cluster: 'shop', formats: ['json'], ...body };
    const reply = await api.request('POST', '/api/v1/reports', made, { prefer: 'wait=25' });
    expect(reply).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    return (reply.json as { id: string }).id;
  };
  const deliveries = async (query = '') =>
    expectDescribed('listDeliveries', await api.request('GET', `/api/v1/deliveries?limit=100${query}`)).items;
  const got = (count: number) => until(() => (receiver.received.length >= count ? receiver.received : null));
  const expectDbClosed = async () => {
    const assertions =
      'assertions:\n  - {name: db is closed, from: "pod:shop/web-0", to: "pod:shop/db-0", port: 5432, expect: denied, owner: team-db}\n';
    const kept = await api.request('PUT', '/api/v1/clusters/shop/assertions', { assertions });
    expect(kept.status).toBe(200);
  };
  const makeDue = () => api.database.database.query('UPDATE delivery SET next_at = now()');

  it('are made, shown without what gets one in, changed and removed', async () => {
    const url = `${receiver.url}/services/T0/B0/very-secret`;
    const made = await add('alerts', { type: 'slack', url }, ['finding.new'], { clusters: ['shop'] });
    expect(made).toMatchObject({ type: 'slack', outline: new URL(url).host, clusters: ['shop'], paused: false });
    expect(JSON.stringify(made)).not.toContain('very-secret');
    const { rows } = await api.database.database.query<{ text: string }>('SELECT c::text AS text FROM channel c');
    expect(rows[0]?.text).not.toContain(Buffer.from('very-secret').toString('hex'));
    const again = await api.request('POST', '/api/v1/channels', {
      name: 'alerts',
      target: { type: 'slack', url },
      events: ['finding.new'],
    });
    expect(again).toMatchObject({ status: 409, json: { code: 'conflict' } });
    const patch = { paused: true, clusters: null, events: ['report.ready'], target: { type: 'teams', url } };
    const changed = await api.request('PATCH', '/api/v1/channels/alerts', patch);
    expect(expectDescribed('updateChannel', changed)).toMatchObject({ type: 'teams', paused: true, clusters: null });
    expect(expectDescribed('getChannel', await api.request('GET', '/api/v1/channels/alerts')).events).toEqual([
      'report.ready',
    ]);
  });

  it('sign webhooks as Standard Webhooks has it, and send the same id again when they try again', async () => {
    await add('hook', { type: 'webhook', url: `${receiver.url}/in`, secret: SECRET });
    receiver.answers.push({ status: 503 });
    const id = await report();
    await got(1);
    const waiting = await until(async () => (await deliveries()).find(({ lastError }) => lastError !== '') ?? null);
    expect(waiting).toMatchObject({
      channel: 'hook',
      state: 'queued',
      attempts: 1,
      cluster: 'shop',
      event: 'report.ready',
    });
    expect(waiting.lastError).toContain('answered 503: no <thank> you');
    await makeDue();
    const [first, second] = await got(2);
    for (const request of [first, second]) {
      const [headers, body] = [request?.headers as Record<string, string>, request?.body.toString() ?? ''];
      expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ id: waiting.id });
      expect(headers['webhook-id']).toBe(waiting.id);
      expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow('No matching signature');
    }
    const said = JSON.parse(second?.body.toString() ?? '') as { type: string; data: object };
    expect(said).toMatchObject({
      type: 'report.ready',
      data: { cluster: 'shop', link: `https://atlas.example.com/api/v1/reports/${id}`, isOver: true },
    });
    const sent = await until(async () => (await deliveries('&state=sent'))[0] ?? null);
    expect(sent).toMatchObject({ id: waiting.id, attempts: 2, lastError: '', nextAt: null });
  });

  it.each([
    ['seconds', '600', 600],
    ['a time', () => new Date(Date.now() + 600_000).toUTCString(), 600],
    ['longer than is waited', '31536000', 21_600],
    ['sooner than is tried again', '1', 5],
    ['nonsense', 'soon', 5],
  ])('wait as `Retry-After` asks for, within bounds: %s', async (_, asked, seconds) => {
    await add('hook', { type: 'webhook', url: `${receiver.url}/busy`, secret: SECRET });
    const header = typeof asked === 'string' ? asked : asked();
    receiver.answers.push({ status: 429, headers: { 'retry-after': header } });
    await report();
    const { rows } = await until(async () => {
      const query = `SELECT extract(epoch FROM next_at - created_at) AS waits FROM delivery WHERE last_error <> ''`;
      const found = await api.database.database.query<{ waits: string }>(query);
      return found.rows.length === 1 ? found : null;
    });
    // Counted from when it was noted, which is before it was tried.
    const waits = Number(rows[0]?.waits);
    expect(waits).toBeGreaterThan(seconds - 2);
    expect(waits).toBeLessThan(seconds + 60);
  });

  it('give up at a refusal, follow no redirect, and send again when asked', async () => {
    await add('hook', { type: 'mattermost', url: `${receiver.url}/hooks/x` });
    receiver.answers.push({ status: 302, headers: { location: `${receiver.url}/elsewhere` } });
    await report();
    const dead = await until(async () => (await deliveries('&state=dead&channel=hook'))[0] ?? null);
    expect(dead.lastError).toContain('answered 302, redirects are not followed');
    expect(receiver.received.map(({ url }) => url)).toEqual(['/hooks/x']);
    const again = await api.request('POST', `/api/v1/deliveries/${dead.id}/again`);
    expect(expectDescribed('sendAgain', again)).toMatchObject({ state: 'queued', attempts: 0 });
    await got(2);
    await until(async () => (await deliveries('&state=sent'))[0] ?? null);
    const late = await api.request('POST', `/api/v1/deliveries/${dead.id}/again`);
    expect(late).toMatchObject({ status: 409, json: { code: 'conflict' } });
  });

  it('are paused when nobody is there any more, and go on with another target', async () => {
    await add('hook', { type: 'webhook', url: `${receiver.url}/old`, secret: SECRET });
    receiver.answers.push({ status: 410 });
    await report();
    const dead = await until(async () => (await deliveries('&state=dead&channel=hook'))[0] ?? null);
    expect(dead.lastError).toMatch(/answered 410.*; the channel is paused$/);
    const paused = await api.request('GET', '/api/v1/channels/hook');
    expect(expectDescribed('getChannel', paused)).toMatchObject({ paused: true });
    await report();
    const target = { type: 'webhook', url: `${receiver.url}/new`, secret: SECRET };
    await api.request('PATCH', '/api/v1/channels/hook', { target, paused: false });
    await got(2);
    expect(receiver.received.map(({ url }) => url)).toEqual(['/old', '/new']);
  });

  it('put reports into a bucket with a signature that holds, and a wrong key does not get in', async () => {
    const bucket = await Receiver.start((request) => (isSignedForS3(request, S3_SECRET) ? 200 : 403));
    const target = {
      type: 's3',
      endpoint: bucket.url,
      bucket: 'reports',
      prefix: 'net/',
      accessKeyId: 'AKID',
      region: 'eu-1',
    };
    try {
      await add('archive', { ...target, secretAccessKey: S3_SECRET });
      await add('thief', { ...target, secretAccessKey: 'guessed' }, ['schedule.result']);
      const id = await report({ formats: ['csv', 'json'] });
      const puts = await until(() => (bucket.received.length >= 3 ? bucket.received : null));
      expect(puts.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT']);
      const day = new Date().toISOString().slice(0, 10);
      expect(puts.map(({ url }) => url.split('/').slice(0, 5).join('/'))).toEqual(
        Array(3).fill(`/reports/net/shop/${day}`),
      );
      const stored = await fetch(`${api.url}/api/v1/reports/${id}/files/csv`);
      const csv = puts.find(({ url }) => url.endsWith('.csv'));
      expect(csv?.body.equals(Buffer.from(await stored.arrayBuffer()))).toBe(true);
      expect(await test('thief')).toEqual({ delivered: false, problem: expect.stringContaining('answered 403') });
      expect(await test('archive')).toEqual({ delivered: true, problem: '' });
    } finally {
      await bucket.stop();
    }
  });

  it('send mail with the report attached, and say why a server takes none', async () => {
    const mail = await MailServer.start('open sesame');
    const target = {
      type: 'smtp',
      host: '127.0.0.1',
      port: mail.port,
      security: 'none',
      user: 'atlas',
      from: 'atlas@example.com',
    };
    try {
      await add('mail', { ...target, password: 'open sesame', to: ['ann@example.com', 'bob@example.com'] });
      await add('wrong', { ...target, password: 'open barley', to: ['ann@example.com'] }, ['finding.new']);
      await report({ formats: ['markdown'] });
      const { to, text, user } = await until(() => mail.mails[0] ?? null);
      expect({ to, user }).toEqual({ to: ['ann@example.com', 'bob@example.com'], user: 'atlas' });
      expect(text).toMatch(/Subject: \[Netpol Atlas\] Report of shop is ready/);
      expect(text).toMatch(/filename=shop-\d+\.md/);
      expect(await test('wrong')).toEqual({
        delivered: false,
        problem: expect.stringContaining('did not take the mail'),
      });
    } finally {
      await mail.stop();
    }
  });

  it('tell PagerDuty when an expectation breaks and when it holds again', async () => {
    const routingKey = 'a'.repeat(32);
    await add('pager', { type: 'pagerduty', routingKey, url: `${receiver.url}/v2/enqueue` }, ['assertion.turned']);
    await expectDbClosed();
    await persist(api.snapshots, clusterId, [DB_OPENED]);
    const [broken] = await got(1);
    const trigger = JSON.parse(broken?.body.toString() ?? '') as { dedup_key: string };
    expect(trigger).toMatchObject({
      routing_key: routingKey,
      event_action: 'trigger',
      payload: {
        summary: 'Expectation is broken in shop: db is closed',
        source: 'shop',
        severity: 'error',
        custom_details: {
          owner: 'team-db',
          because: expect.stringContaining('NetworkPolicy shop/db-deny'),
          since: expect.stringMatching(/^snapshot \d+ of /),
        },
      },
    });
    await persist(api.snapshots, clusterId, SHOP);
    const [, held] = await got(2);
    expect(JSON.parse(held?.body.toString() ?? '')).toMatchObject({
      event_action: 'resolve',
      dedup_key: trigger.dedup_key,
    });
  });

  it('are told in order of what is about one matter, also when the first had to be tried again', async () => {
    await add('pager', { type: 'pagerduty', routingKey: 'c'.repeat(32), url: `${receiver.url}/in-order` }, [
      'assertion.turned',
    ]);
    await expectDbClosed();
    receiver.answers.push({ status: 503 });
    await persist(api.snapshots, clusterId, [DB_OPENED]);
    await got(1);
    await persist(api.snapshots, clusterId, SHOP);
    const told = await got(3);
    const actions = told.map(({ body }) => (JSON.parse(body.toString()) as { event_action: string }).event_action);
    expect(actions).toEqual(['trigger', 'trigger', 'resolve']);
  });

  it('open an incident for the findings of an audit, and resolve it when the last of them is gone', async () => {
    const { id } = await api.seed('fixed', [...SHOP, ...PAY]);
    await add('pager', { type: 'pagerduty', routingKey: 'b'.repeat(32), url: `${receiver.url}/pager` }, [
      'finding.new',
    ]);
    await add('asked', { type: 'webhook', url: `${receiver.url}/asked`, secret: SECRET }, ['finding.resolved']);
    await add('new', { type: 'webhook', url: `${receiver.url}/new`, secret: SECRET }, ['finding.new']);
    const audit = async () => {
      const body = { clusters: ['fixed'], checks: ['default-deny-ingress-missing'] };
      const done = await api.request('POST', '/api/v1/audits', body, { prefer: 'wait=25' });
      expect(done).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    };
    await audit();
    await got(2);
    await persist(api.snapshots, id, [...SHOP, ...PAY, denyAll('shop')]);
    await audit();
    expect(await deliveries()).toHaveLength(2);
    await persist(api.snapshots, id, [...SHOP, ...PAY, denyAll('shop'), denyAll('pay')]);
    await audit();
    const told = await got(4);
    const said = (url: string) =>
      told.filter((request) => request.url === url).map(({ body }) => JSON.parse(body.toString()) as object);
    const [opened] = said('/pager') as { dedup_key: string }[];
    expect(said('/pager')).toEqual([
      expect.objectContaining({ event_action: 'trigger' }),
      expect.objectContaining({ event_action: 'resolve', dedup_key: opened?.dedup_key }),
    ]);
    const title = expect.stringMatching(/^2 new findings in fixed: /);
    expect(said('/new')).toEqual([
      expect.objectContaining({ type: 'finding.new', data: expect.objectContaining({ title }) }),
    ]);
    expect(said('/asked')).toEqual([
      expect.objectContaining({ type: 'finding.resolved', data: expect.objectContaining({ isOver: true }) }),
    ]);
  });

  it('tell of new high findings once, and of what schedules came to, where they are asked to', async () => {
    await add('findings', { type: 'teams', url: `${receiver.url}/workflow` }, ['finding.new'], { clusters: ['other'] });
    await add('schedules', { type: 'slack', url: `${receiver.url}/slack` }, ['schedule.result']);
    const task = { type: 'audit', checks: ['default-deny-ingress-missing', 'unexpected-internet-egress'] };
    const schedule = { name: 'nightly', cron: '0 1 * * *', task, clusters: ['other'] };
    expect((await api.request('POST', '/api/v1/schedules', schedule)).status).toBe(201);
    for (let run = 0; run < 2; run++) {
      const done = await api.request('POST', '/api/v1/schedules/nightly/run', undefined, { prefer: 'wait=25' });
      expect(done).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    }
    await until(() => (receiver.received.filter(({ url }) => url === '/slack').length >= 2 ? true : null));
    const cards = receiver.received
      .filter(({ url }) => url === '/workflow')
      .map(({ body }) => JSON.parse(body.toString()) as object);
    expect(cards).toHaveLength(1);
    const title = expect.stringMatching(/^\d* ?(A )?new findings? in other: /i);
    expect(cards[0]).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', fallbackText: title },
        },
      ],
    });
    const told = JSON.parse(receiver.received.find(({ url }) => url === '/slack')?.body.toString() ?? '') as {
      text: string;
    };
    expect(told.text).toMatch(/^Schedule nightly succeeded: audit of /);
  });

  it('of some clusters are told of those alone when a schedule is about several', async () => {
    await add('every', { type: 'webhook', url: `${receiver.url}/every`, secret: SECRET }, ['schedule.result']);
    await add('named', { type: 'webhook', url: `${receiver.url}/named`, secret: SECRET }, ['schedule.result'], {
      clusters: ['other'],
    });
    const task = { type: 'audit', checks: ['default-deny-ingress-missing'] };
    const schedule = { name: 'both', cron: '0 1 * * *', task, clusters: ['other', 'shop'] };
    expect((await api.request('POST', '/api/v1/schedules', schedule)).status).toBe(201);
    const done = await api.request('POST', '/api/v1/schedules/both/run', undefined, { prefer: 'wait=25' });
    expect(done).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    await got(2);
    const said = (url: string) =>
      receiver.received
        .filter((request) => request.url === url)
        .map(({ body }) => JSON.parse(body.toString()) as object);
    const of = (cluster: string | null, title: RegExp) =>
      expect.objectContaining({ data: expect.objectContaining({ cluster, title: expect.stringMatching(title) }) });
    expect(said('/every')).toEqual([of(null, /^Schedule both succeeded: audit of /)]);
    expect(said('/named')).toEqual([of('other', /^Schedule both succeeded in other: audit of /)]);
    const shown = await deliveries('&channel=named');
    expect(shown).toEqual([expect.objectContaining({ cluster: 'other', state: 'sent' })]);
  });

  it('go by GraphQL', async () => {
    const made = await api.graphql(
      `mutation($input: CreateChannelInput!) { createChannel(input: $input) { channel { name type outline events } } }`,
      {
        input: {
          name: 'hook',
          target: { type: 'WEBHOOK', url: `${receiver.url}/g`, secret: SECRET },
          events: ['REPORT_READY'],
        },
      },
    );
    const channel = { name: 'hook', type: 'WEBHOOK', outline: new URL(receiver.url).host, events: ['REPORT_READY'] };
    expect(made.json).toEqual({ data: { createChannel: { channel } } });
    const tested = await api.graphql('mutation { testChannel(input: {channel: "hook"}) { delivered problem } }');
    expect(tested.json).toEqual({ data: { testChannel: { delivered: true, problem: '' } } });
    const paused = await api.graphql(
      'mutation { updateChannel(input: {channel: "hook", paused: true}) { channel { paused } } }',
    );
    expect(paused.json).toEqual({ data: { updateChannel: { channel: { paused: true } } } });
    const moved = await api.graphql(
      `mutation($input: UpdateChannelInput!) { updateChannel(input: $input) { channel { type outline events paused } } }`,
      { input: { channel: 'hook', target: { type: 'PAGERDUTY', routingKey: 'r'.repeat(32) } } },
    );
    expect(moved.json).toEqual({
      data: {
        updateChannel: {
          channel: { type: 'PAGERDUTY', outline: expect.any(String), events: ['REPORT_READY'], paused: true },
        },
      },
    });
    expect(moved.text).not.toContain('rrrr');
    const wrong = await api.graphql(
      `mutation { updateChannel(input: {channel: "hook", target: {type: WEBHOOK, url: "nowhere"}}) { channel { type } } }`,
    );
    expect(wrong.json).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', errorCode: 'request.invalid' } }],
    });
    await report();
    await sleep(1_500);
    const list = await api.graphql(
      '{ deliveries(channel: "hook") { edges { node { state attempts } } } channels { edges { node { name } } } }',
    );
    expect(list.json).toEqual({
      data: {
        deliveries: { edges: [{ node: { state: 'QUEUED', attempts: 0 } }] },
        channels: { edges: [{ node: { name: 'hook' } }] },
      },
    });
    const removed = await api.graphql('mutation { removeChannel(input: {channel: "hook"}) { removedChannelId } }');
    expect(removed.status).toBe(200);
  });
});

describe('channels of a service that is on the internet', () => {
  it('lead to no private address, whatever it is called, and to no plain HTTP', async () => {
    const api = await startApiUnderTest();
    const receiver = await Receiver.start();
    try {
      const port = new URL(receiver.url).port;
      for (const [name, url, problem] of [
        ['plain', receiver.url, 'is plain http, use https'],
        ['address', `https://127.0.0.1:${port}`, 'which is not on the internet'],
        ['name', `https://localhost:${port}`, 'which is not on the internet'],
        ['short', `https://2130706433:${port}`, 'which is not on the internet'],
        ['metadata', 'https://169.254.169.254/latest', 'which is not on the internet'],
        ['mapped', `https://[::ffff:127.0.0.1]:${port}`, 'which is not on the internet'],
      ]) {
        const target = { type: 'slack', url };
        await api.request('POST', '/api/v1/channels', { name, target, events: ['report.ready'] });
        const reply = await api.request('POST', `/api/v1/channels/${String(name)}/test`);
        expect(reply.json).toEqual({ delivered: false, problem: expect.stringContaining(String(problem)) });
      }
      const mail = { type: 'smtp', security: 'none', from: 'a@example.com', to: ['b@example.com'] };
      for (const [host, security, problem] of [
        ['mail.example.com', 'none', 'would get mail in plain text'],
        ['127.0.0.1', 'starttls', 'which is not on the internet'],
        ['localhost', 'tls', 'which is not on the internet'],
        ['0177.0.0.1', 'tls', 'which is not on the internet'],
        ['::ffff:10.0.0.1', 'tls', 'which is not on the internet'],
      ] as const) {
        const target = { ...mail, host, security };
        await api.request('DELETE', '/api/v1/channels/mail');
        await api.request('POST', '/api/v1/channels', { name: 'mail', target, events: ['report.ready'] });
        const reply = await api.request('POST', '/api/v1/channels/mail/test');
        expect(reply.json).toEqual({ delivered: false, problem: expect.stringContaining(problem) });
      }
      expect(receiver.received).toEqual([]);
    } finally {
      await receiver.stop();
      await api.close();
    }
  });
});
