import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

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
    server.identify('far');
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
  /** Batches of another cluster take all the room until what is given is called. */
  async function keepHubBusy(): Promise<() => Promise<void>> {
    const other = await api.clusters.create({ name: 'other', source: { type: 'agent' } });
    const { token } = (await api.request('POST', '/api/v1/clusters/other/agent-token')).json as { token: string };
    const bearer = { authorization: `Bearer ${token}` };
    const opened = await api.request('POST', '/api/v1/agent/session', { agentVersion: '1' }, bearer);
    const { session } = opened.json as { session: string };
    const head = { replace: [], completeness: {}, takenAt: new Date().toISOString() };
    const body = gzipSync(`${JSON.stringify(head)}\n{"end":0}\n`);
    const headers = { ...bearer, 'content-type': 'application/x-ndjson' };
    const send = (sequence: number): Promise<unknown> =>
      api.request('POST', `/api/v1/agent/batches?session=${session}&sequence=${sequence}`, body, headers);
    let open = (): void => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    const holding = api.database.database.transaction(async (client) => {
      await client.query('SELECT 1 FROM cluster_agent WHERE cluster_id = $1 FOR UPDATE', [other.id]);
      const sent = [1, 2, 3, 4].map(send);
      await held;
      return sent;
    });
    return async () => {
      open();
      await Promise.all(await holding);
    };
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

  it('gathers while the hub is busy, and sends it together when it is told to come back', async () => {
    const release = await keepHubBusy();
    const before = (await api.snapshots.latest(id))?.seq ?? 0;
    for (let turn = 1; turn <= 200; turn++) server.put('pods', pod(`p${1 + (turn % 10)}`, 1_000 + turn));
    await agents[0]?.says(/too many batches at once/);
    for (let turn = 201; turn <= 400; turn++) server.put('pods', pod(`p${1 + (turn % 10)}`, 1_000 + turn));
    expect((await api.snapshots.latest(id))?.seq).toBe(before);
    await release();
    await until('the last turn is stored', async () => (await stored()).includes('shop/p1 1400'));
    // What the agent has not heard of yet when the hub has room again comes after the rest.
    const snapshots = ((await api.snapshots.latest(id))?.seq ?? 0) - before;
    expect(snapshots).toBeGreaterThan(0);
    expect(snapshots).toBeLessThan(5);
  }, 60_000);

  it('goes on where the last one was: no list, and it still knows problems and CNI', async () => {
    server.put('pods', { ...pod('broken'), metadata: { name: 'broken', namespace: 'shop', labels: { app: 7 } } });
    server.put('apps/daemonsets', {
      metadata: { name: 'calico-node', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
      spec: { template: { spec: { containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.31.2' }] } } },
    });
    const isKnown = async (): Promise<boolean> => {
      const { state, problems, cni } = await api.clusters.get(id);
      return state === 'degraded' && problems.length === 1 && cni?.networking === 'calico';
    };
    await until('problem and CNI are told', isKnown);
    await agents.at(-1)?.end('SIGTERM');
    server.put('pods', pod('meanwhile', 1));
    server.requests.length = 0;
    await start();
    await until('what came meanwhile is stored', async () => (await stored()).includes('shop/meanwhile 1'));
    await until('problem and CNI are told again', isKnown);
    expect(server.requests.filter(({ resource, watch }) => !watch && resource === 'pods')).toEqual([]);
  }, 90_000);

  it('ends when another agent sends for its cluster', async () => {
    const first = agents.at(-1);
    await start();
    server.put('pods', pod('web', 4));
    await until('the change is stored', async () => (await stored()).includes('shop/web 4'));
    expect(await first?.exit).toBe(1);
    expect(first?.log).toContain('another process reads cluster');
    await agents.at(-1)?.end('SIGTERM');
    expect(agents.at(-1)?.log).toContain('agent has stopped');
  }, 90_000);
});
