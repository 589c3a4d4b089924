import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { WHOLE_SCOPE } from '#access';
import { objectLabel } from '#engine';

import { FakeApiServer } from '../support/fake-api-server.js';
import { RoleProcess } from '../support/role-process.js';
import { TcpGate } from '../support/tcp-gate.js';
import { type ApiUnderTest, startApiUnderTest } from './api/api-under-test.js';

const pod = (name: string, turn = 0): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop', labels: { turn: String(turn) } },
  spec: { containers: [] },
});

describe('an agent that sends a cluster to a hub that cannot reach it (4, 6, 9)', () => {
  let api: ApiUnderTest;
  let server: FakeApiServer;
  let gate: TcpGate;
  let folder = '';
  let id = '';
  const agents: RoleProcess[] = [];
  beforeAll(async () => {
    [api, server] = await Promise.all([startApiUnderTest(), FakeApiServer.start()]);
    gate = await TcpGate.start(api.url);
    folder = await mkdtemp(join(tmpdir(), 'atlas-agent-'));
    for (let index = 0; index < 20; index++) server.put('pods', pod(`p${index}`));
    ({ id } = await api.clusters.create({ name: 'far', source: { type: 'agent' } }));
    const { json } = await api.request('POST', '/api/v1/clusters/far/agent-token');
    await writeFile(join(folder, 'token'), `${(json as { token: string }).token}\n`);
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfig());
  }, 60_000);
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.end('SIGKILL')));
    await gate.stop();
    await Promise.all([api.close(), server.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<RoleProcess> {
    const agent = RoleProcess.spawn('agent', {
      AGENT_HUB_URL: gate.url,
      AGENT_TOKEN_FILE: join(folder, 'token'),
      AGENT_KUBECONFIG: join(folder, 'kubeconfig'),
      SYNC_FLUSH_INTERVAL_MS: '50',
    });
    agents.push(agent);
    await agent.says(/sending a cluster/);
    return agent;
  }
  async function stored(): Promise<string[]> {
    const latest = await api.snapshots.latest(id);
    if (latest === null) return [];
    const { items } = await api.snapshots.listObjects(id, latest.seq, { kinds: ['Pod'], limit: 1000 }, WHOLE_SCOPE);
    return items.map(({ fact }) => `${objectLabel(fact.meta)} ${fact.meta.labels['turn'] ?? ''}`);
  }
  async function until(what: string, test: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!(await test())) {
      if (Date.now() > end) throw new Error(`in vain: ${what}: ${(await stored()).join()} ${agents.at(-1)?.log ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('sends everything, then each change, with its state', async () => {
    await start();
    await until('all pods are stored', async () => (await stored()).length === 20);
    server.put('pods', pod('web', 1));
    server.remove('pods', 'shop', 'p0');
    await until('the change is stored', async () => (await stored()).includes('shop/web 1'));
    expect(await stored()).not.toContain('shop/p0 0');
    await until('the row says so', async () => {
      const row = await api.clusters.get(id);
      return row.state === 'synced' && row.lastSyncedAt !== null && row.counts['Pod'] === 20 && row.cni !== null;
    });
  }, 90_000);

  it('gathers what changes while the hub is away, and sends it as one', async () => {
    const before = (await api.snapshots.latest(id))?.seq ?? 0;
    gate.isOpen = false;
    gate.cut();
    for (let turn = 1; turn <= 200; turn++) server.put('pods', pod(`p${1 + (turn % 10)}`, turn));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    gate.isOpen = true;
    await until('the last turn is stored', async () => (await stored()).includes('shop/p1 200'));
    expect((await api.snapshots.latest(id))?.seq).toBeLessThanOrEqual(before + 2);
  }, 60_000);

  it('sends once more what was stored without its knowing, to no effect', async () => {
    gate.losesAnswers = true;
    gate.cut();
    server.put('pods', pod('web', 2));
    await until('the change is stored', async () => (await stored()).includes('shop/web 2'));
    const { seq, digest } = (await api.snapshots.latest(id)) ?? {};
    gate.losesAnswers = false;
    gate.cut();
    server.put('pods', pod('web', 3));
    await until('the next change is stored', async () => (await stored()).includes('shop/web 3'));
    const after = await api.snapshots.latest(id);
    expect(after?.seq).toBe((seq ?? 0) + 1);
    expect(after?.digest).not.toBe(digest);
  }, 60_000);

  it('ends when another agent sends for its cluster', async () => {
    const [first] = agents;
    await start();
    server.put('pods', pod('web', 4));
    await until('the change is stored', async () => (await stored()).includes('shop/web 4'));
    expect(await first?.exit).toBe(1);
    expect(first?.log).toContain('another process reads cluster');
    await agents.at(-1)?.end('SIGTERM');
    expect(agents.at(-1)?.log).toContain('agent has stopped');
  }, 90_000);
});
