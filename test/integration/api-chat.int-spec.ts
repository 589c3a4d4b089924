import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runAsSystem } from '#access';
import { DriftTimeline } from '#analysis';
import { RetentionRepository } from '#store';
import { Receiver } from '../support/delivery/receiver.js';
import { persist, startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';
import { DB_OPENED, SHOP } from './api/shop.js';
import { PLANTED, TWO_TENANTS } from './api/tenants.js';
import { untilWithin } from './api/until.js';

const DAY_MS = 86_400_000;
const SIGNING = 'a-signing-secret-of-slack';
const TOKEN = 'a-token-of-a-command-of-mattermost';
const TEAMS = randomBytes(32).toString('base64');
const SETTINGS = {
  apps: [
    {
      name: 'slack',
      platform: 'slack',
      secret: SIGNING,
      team: 'T1',
      cluster: 'shop',
      users: {
        U1: [{ role: 'operator' }],
        U2: [{ role: 'viewer', clusters: ['shop'], namespaces: ['shop'] }],
        U4: [{ role: 'operator', clusters: ['clear'] }, { role: 'viewer' }],
      },
    },
    { name: 'matter', platform: 'mattermost', secret: TOKEN, users: { '*': [{ role: 'operator' }] } },
    { name: 'teams', platform: 'teams', secret: TEAMS, cluster: 'shop', users: { 'aad-1': [{ role: 'operator' }] } },
  ],
};

interface SlackAnswer {
  readonly response_type: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
}

const until = untilWithin(10_000);

describe('questions in a chat', () => {
  let api: ApiUnderTest;
  let receiver: Receiver;
  const folder = mkdtempSync(join(tmpdir(), 'atlas-chat-'));

  beforeAll(async () => {
    const path = join(folder, 'chat.json');
    writeFileSync(path, JSON.stringify(SETTINGS));
    api = await startApiUnderTest({ ATLAS_CHAT_CONFIG: path, ATLAS_PRIVATE_TARGETS: 'yes' });
    receiver = await Receiver.start();
    await api.seed('shop', TWO_TENANTS);
    await api.seed('clear', SHOP);
  });
  afterAll(async () => {
    await api.close();
    await receiver.stop();
    rmSync(folder, { recursive: true });
  });

  const post = (app: string, body: string, headers: Record<string, string>): Promise<Reply> =>
    api.request('POST', `/api/v1/chat/${app}`, body, {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    });
  const slack = (
    text: string,
    more: { user?: string; team?: string; ageSeconds?: number; secret?: string; nowMs?: number; trigger?: string } = {},
  ): Promise<Reply> => {
    const { user = 'U1', team = 'T1', ageSeconds = 0, secret = SIGNING, nowMs = Date.now() } = more;
    const { trigger = randomUUID() } = more;
    const about = { command: '/netpol', response_url: `${receiver.url}/late`, trigger_id: trigger };
    const form = { team_id: team, user_id: user, text, ...about };
    const body = new URLSearchParams(form).toString();
    const time = String(Math.floor(nowMs / 1000) - ageSeconds);
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')}`;
    return post('slack', body, { 'x-slack-request-timestamp': time, 'x-slack-signature': signature });
  };
  const teams = (text: string, more: { key?: string; app?: string; timestamp?: number | undefined } = {}) => {
    const { key = TEAMS, app = 'teams' } = more;
    const at = 'timestamp' in more ? more.timestamp : Date.now();
    const body = JSON.stringify({
      type: 'message',
      timestamp: at === undefined ? undefined : new Date(at).toISOString(),
      text: `<at>netpol</at>&nbsp;${text}\n`,
      from: { id: '29:x', aadObjectId: 'aad-1' },
    });
    const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(body).digest('base64');
    return post(app, body, { 'content-type': 'application/json', authorization: `HMAC ${signature}` });
  };
  const withoutMarkup = (text: string): string => text.replaceAll('**', '').replaceAll(/\\(.)/g, '$1');
  const ask = async (text: string, user = 'U1'): Promise<SlackAnswer> => {
    const reply = await slack(text, { user });
    expectDescribed('askInChat', reply);
    const answer = reply.json as SlackAnswer;
    expect(answer.response_type).toBe('ephemeral');
    expect(answer.blocks[0]).toMatchObject({ type: 'header' });
    return answer;
  };

  it('are answered with the verdict first', async () => {
    const denied = await ask('can shop/web -> pod:shop/db-0:5432 in clear');
    expect(denied.text).toBe('DENIED  shop/web → pod:shop/db-0:5432');
    expect(JSON.stringify(denied.blocks)).toContain('shop/db-deny');
    expect((await ask('can pod:shop/web-0 -> pod:shop/api-0:8080 in clear')).text).toMatch(/^ALLOWED {2}/);
    const why = await ask('why shop/web -> pod:shop/db-0:5432 in clear');
    expect(JSON.stringify(why.blocks)).toContain('*fix*');
    expect((await ask('check')).text).toContain('was not audited yet');
    expect((await ask('diff')).text).toBe('Nothing is known to have changed in shop');
    expect((await ask('help')).text).toBe('What can be asked');
    expect((await ask('can shop/nobody -> shop/api')).text).toContain('shop/nobody');
    expect((await ask('can shop/web -> shop/api in <nowhere>')).text).toContain(
      'there is no cluster `&lt;nowhere&gt;`',
    );
    const run = await ask('runbook unexpected-internet-egress namespace=shop');
    expect(run.blocks.length).toBeGreaterThan(1);
    const runbooks = JSON.stringify(await ask('runbook'));
    expect(runbooks).toContain('RB-1 service-unreachable');
    expect(runbooks).toContain('a service cannot be reached after a policy changed; needs from, to');
    expect((await ask('runbook RB-1 shop/web -> pod:shop/db-0:5432 in clear')).text).toMatch(/^CAUSE FOUND {2}/);
  });

  it('are answered with what their user may see, and nobody else is answered', async () => {
    const hidden = await ask(`can shop/web -> pod:${PLANTED.namespace}/${PLANTED.pod}`, 'U2');
    expect(JSON.stringify(hidden)).not.toContain(PLANTED.label);
    expect(hidden.text).not.toMatch(/ALLOWED|DENIED/);
    expect((await ask('runbook unexpected-internet-egress namespace=shop', 'U2')).text).toContain(
      'takes the role of an operator',
    );
    expect((await ask('runbook unexpected-internet-egress namespace=shop in shop', 'U4')).text).toContain(
      'there is no cluster `shop`',
    );
    const run = await ask('runbook unexpected-internet-egress namespace=shop in clear', 'U4');
    expect(run.blocks.length).toBeGreaterThan(1);
    expect((await ask('can shop/web -> shop/api', 'U3')).text).toContain('You may not ask here');
    const log = await until(async () => {
      const { items } = (await api.request('GET', '/api/v1/log?limit=100')).json as {
        items: { subject: string; decision: string }[];
      };
      return items.some(({ subject, decision }) => subject === 'slack:slack/T1/U3' && decision === 'refused')
        ? items
        : null;
    });
    expect(log).toContainEqual(
      expect.objectContaining({ subject: 'slack:slack/T1/U1', question: expect.stringContaining('can shop/web') }),
    );
  });

  it.each([
    ['a wrong secret', { secret: 'somebody-elses-secret' }],
    ['a request that is six minutes old', { ageSeconds: 360 }],
    ['one from the future', { ageSeconds: -360 }],
    ['another workspace', { team: 'T2' }],
  ])('are refused with %s', async (_, more) => {
    expect(await slack('help', more)).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
  });

  it('come from Mattermost with its token, and from Teams with its signature', async () => {
    const form = new URLSearchParams({ user_id: 'm1', text: 'can shop/web -> pod:shop/db-0:5432 in shop' }).toString();
    const matter = await post('matter', form, { authorization: `Token ${TOKEN}` });
    expect(matter.json).toMatchObject({ response_type: 'ephemeral', text: expect.stringMatching(/^\*\*DENIED/) });
    const unnamed = await post('matter', `text=check&token=${TOKEN}`, {});
    expect(unnamed.json).toMatchObject({ text: expect.stringContaining('name the cluster') });
    expect((await post('matter', form, { authorization: 'Token wrong' })).status).toBe(401);
    const answer = await teams('can shop/web -&gt; pod:shop/db-0:5432');
    expect(answer.json).toMatchObject({
      type: 'message',
      summary: expect.stringMatching(/^DENIED/),
      attachments: [{}],
    });
    expect((await teams('help', { key: randomBytes(32).toString('base64') })).status).toBe(401);
    expect((await teams('help', { app: 'none' })).status).toBe(401);
  });

  it.each([
    ['can pod:shop/web-0 -> pod:shop/api-0:8080 in clear', /^ALLOWED {2}pod:shop\/web-0 → pod:shop\/api-0:8080/],
    ['why shop/web -> pod:shop/db-0:5432 in clear', /^DENIED {2}shop\/web → pod:shop\/db-0:5432/],
    ['diff in shop', /^Nothing is known to have changed in shop/],
    ['check in shop', /^cluster `shop` was not audited yet/],
    ['runbook unexpected-internet-egress namespace=shop in shop', /internet/],
    ['dance', /^`dance` is no question that can be asked here/],
  ])('say the same in all three: %s', async (text, verdict) => {
    const form = new URLSearchParams({ user_id: 'm1', text }).toString();
    const bySlack = (await ask(text)).text.replaceAll('&gt;', '>');
    const byMattermost = await post('matter', form, { authorization: `Token ${TOKEN}` });
    const inMattermost = withoutMarkup((byMattermost.json as { text: string }).text);
    const inTeams = ((await teams(text)).json as { summary: string }).summary;
    const said = [bySlack, inMattermost, inTeams];
    for (const words of said) expect(words).toMatch(verdict);
    for (const words of said) expect(words.startsWith(bySlack)).toBe(true);
  });

  it('are taken once, and from Teams too no later than five minutes after', async () => {
    const now = Date.now();
    for (const timestamp of [now - 360_000, now + 360_000, undefined]) {
      expect([timestamp, (await teams('help', { timestamp })).status]).toEqual([timestamp, 401]);
    }
    const same = { timestamp: now - 1_000 };
    expect([(await teams('help', same)).status, (await teams('help', same)).status]).toEqual([200, 401]);
    const kept = { nowMs: now, trigger: 'kept' };
    expect([(await slack('help', kept)).status, (await slack('help', kept)).status]).toEqual([200, 401]);
  });

  it('are told what changed last where the snapshot before it is not kept any more', async () => {
    const { id } = await api.seed('past', SHOP);
    const tomorrow = { takenAt: new Date(Date.now() + DAY_MS) };
    for (const objects of [[DB_OPENED], SHOP]) await persist(api.snapshots, id, objects, {}, tomorrow);
    const timeline = api.app.get(DriftTimeline, { strict: false });
    await runAsSystem('test', () => timeline.compute(id));
    const daily = { fullHours: 0, hourlyDays: 0, days: 30, kindDays: {} };
    const retention = new RetentionRepository(api.database.database);
    expect(await retention.prune(id, daily, new Date(Date.now() + 2 * DAY_MS))).toMatchObject({ snapshots: 1 });
    const { text, blocks } = await ask('diff in past');
    expect(text).toBe('past: 0 dangerous, 1 breaking of 1 difference; policies: 1 changed');
    expect(JSON.stringify(blocks)).toContain('snapshot 3 of past');
  });

  it('are acknowledged in time when the answer takes long, and answered where the chat waits', async () => {
    const gate = new EventEmitter();
    const answered = once(gate, 'answered');
    const held = once(gate, 'held');
    const holding = api.database.database.transaction(async (client) => {
      await client.query('LOCK TABLE snapshot, cluster IN ACCESS EXCLUSIVE MODE');
      gate.emit('held');
      await answered;
    });
    await held;
    const soon = await ask('can shop/web -> pod:shop/db-0:5432').finally(() => gate.emit('answered'));
    expect(soon.text).toBe('Looking, the answer comes in a moment');
    await holding;
    const [late] = await until(() => Promise.resolve(receiver.received.length > 0 ? receiver.received : null));
    expect(late?.url).toBe('/late');
    expect(JSON.parse(late?.body.toString() ?? '')).toMatchObject({
      response_type: 'ephemeral',
      text: expect.stringMatching(/^DENIED/),
    });
  });
});
