import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { askByCommand, askByGraphql, askByRest, requestJson, untilAnswer, type Question } from './ask.js';
import { atlas, processesMentioning, StandaloneProcess } from './standalone-process.js';

jest.setTimeout(120_000);

const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample');
const FIRST_QUESTION: Question = {
  cluster: 'shop-calico',
  from: 'shop/api',
  to: 'service:payments/gateway',
  port: 443,
};

const folders: string[] = [];
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-e2e-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly cni: { readonly policyEngine: string; readonly networking: string; readonly enforced: string };
}
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to hold within 20 s');
    await sleep(100);
  }
}

async function clustersOf(service: StandaloneProcess): Promise<readonly ClusterRow[]> {
  const { body } = await requestJson(`${service.url}/api/v1/clusters`);
  return (body as { items: ClusterRow[] }).items;
}

describe('the standalone service with the sample', () => {
  let service: StandaloneProcess;

  beforeAll(async () => {
    service = await StandaloneProcess.start({ dataDir: temporaryFolder() });
  });
  afterAll(() => service.stop());

  it('has read both sample clusters and knows their networks', async () => {
    expect(await clustersOf(service)).toMatchObject([
      { name: 'shop-calico', state: 'synced', cni: { policyEngine: 'calico', enforced: 'yes' } },
      { name: 'shop-flannel', state: 'synced', cni: { networking: 'flannel', enforced: 'no' } },
    ]);
  });

  it('offers a question to paste that works as it is printed', async () => {
    const printed = /curl -s (\S+) -H '([^']+)' -d '([^']+)'/.exec(await service.output(/curl/));
    const response = await fetch(printed?.[1] ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: printed?.[3] ?? '',
    });
    expect(await response.json()).toMatchObject({ verdict: 'denied', reason: 'INGRESS_NO_RULE_MATCHED' });
  });

  it.each<[string, Question, string, number]>([
    ['a wrong port is denied', FIRST_QUESTION, 'denied', 1],
    ['nothing is enforced on Flannel', { ...FIRST_QUESTION, cluster: 'shop-flannel' }, 'allowed', 0],
    [
      'a missing rule for DNS',
      {
        cluster: 'shop-calico',
        from: 'payments/gateway',
        to: 'service:kube-system/kube-dns',
        port: 53,
        protocol: 'UDP',
      },
      'denied',
      1,
    ],
    [
      'an or that should be an and',
      { cluster: 'shop-calico', from: 'monitoring/grafana', to: 'shop/db', port: 5432 },
      'allowed',
      0,
    ],
    [
      'a port by its name',
      { cluster: 'shop-calico', from: 'shop/web', to: 'service:shop/api', port: 'http' },
      'allowed',
      0,
    ],
    [
      'a whole namespace differs',
      { cluster: 'shop-calico', from: 'namespace:shop', to: 'shop/db', port: 5432 },
      'mixed',
      1,
    ],
    [
      'an address outside',
      { cluster: 'shop-calico', from: 'payments/gateway', to: 'ip:203.0.113.200', port: 443 },
      'denied',
      1,
    ],
  ])('REST, GraphQL and the command line agree: %s', async (_, question, verdict, code) => {
    const rest = await askByRest(service.url, question);
    expect(rest.verdict).toBe(verdict);
    expect(await askByGraphql(service.url, question)).toEqual(rest);
    expect(await askByCommand(service.url, question)).toEqual({ ...rest, code });
  });

  it('serves its pages with nothing from elsewhere', async () => {
    for (const path of ['/', '/docs', '/graphiql']) {
      const response = await fetch(service.url + path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(await response.text()).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
    expect((await requestJson(`${service.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${service.url}/metrics`)).text()).toContain('process_cpu');
  });

  it('answers anew within seconds of a change in a folder', async () => {
    const folder = join(temporaryFolder(), 'shop');
    cpSync(join(SAMPLE, 'shop-calico'), folder, { recursive: true });
    const added = await atlas('clusters', 'add', 'edited', '--folder', folder, '--server', service.url, '-o', 'json');
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'edited', state: 'synced' });
    const ask = () => askByRest(service.url, { ...FIRST_QUESTION, cluster: 'edited' });
    expect(await ask()).toMatchObject({ verdict: 'denied', seq: 1 });

    const file = join(folder, 'payments', 'policies.yaml');
    // The first 443 is the rule with the Service's port.
    writeFileSync(file, readFileSync(file, 'utf8').replace('port: 443', 'port: 8443'));
    const took = await untilAnswer(ask, { verdict: 'allowed', seq: 2 });
    expect(took).toBeLessThan(10_000);
    expect(await askByCommand(service.url, { ...FIRST_QUESTION, cluster: 'edited' })).toMatchObject({ code: 0 });

    // The past stays as it was.
    const past = await atlas(
      'can',
      '--server',
      service.url,
      '--cluster',
      'edited',
      '--from',
      'shop/api',
      '--to',
      'service:payments/gateway',
      '--port',
      '443',
      '--at',
      '1',
    );
    expect(past.code).toBe(1);
    expect(past.stdout).toContain('as of snapshot 1 of edited');
  });

  it('takes an upload, keeps what is good of it, and names what is not', async () => {
    const folder = temporaryFolder();
    cpSync(join(SAMPLE, 'shop-flannel'), join(folder, 'shop'), { recursive: true });
    writeFileSync(join(folder, 'shop', 'broken.yaml'), 'kind: Pod\n\tmetadata: {}\n');
    const added = await atlas('clusters', 'add', 'uploaded', '--upload', join(folder, 'shop'), '--server', service.url);
    expect(added.stdout).toMatch(/state +degraded/);
    expect(added.stdout).toMatch(/problem +broken\.yaml:\d+/);
    expect(await askByRest(service.url, { ...FIRST_QUESTION, cluster: 'uploaded' })).toMatchObject({
      verdict: 'allowed',
    });
  });

  it('takes an upload whose files are large enough to be unpacked by threads', async () => {
    const folder = temporaryFolder();
    const items = Array.from({ length: 3000 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `tenant-${i}`, labels: { 'example.com/what-it-is-for': 'a name as long as they are' } },
    }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2);
    expect(list.length).toBeGreaterThan(600_000);
    writeFileSync(join(folder, 'namespaces.json'), list);
    const added = await atlas('clusters', 'add', 'large', '--upload', folder, '--server', service.url);
    expect(added.stdout).toMatch(/state +synced/);
  });
});

describe('the life of the standalone service', () => {
  const started: StandaloneProcess[] = [];
  async function start(...options: Parameters<typeof StandaloneProcess.start>): Promise<StandaloneProcess> {
    const service = await StandaloneProcess.start(...options);
    started.push(service);
    return service;
  }
  afterEach(() => Promise.all(started.splice(0).map((service) => service.stop())));

  it('stops cleanly on SIGINT, and the second start has everything', async () => {
    const dataDir = temporaryFolder();
    const first = await start({ dataDir });
    const before = await clustersOf(first);
    await requestJson(`${first.url}/api/v1/clusters/shop-flannel`, 'DELETE');
    expect(processesMentioning(dataDir)).not.toEqual([]);
    expect(await first.stop()).toMatchObject({ code: 0, stderr: '' });
    expect(processesMentioning(dataDir)).toEqual([]);

    const second = await start({ dataDir });
    expect(await clustersOf(second)).toMatchObject([{ id: before[0]?.id, name: 'shop-calico' }]);
    await until(async () => (await clustersOf(second))[0]?.state === 'synced');
    // Read again without a change: the same snapshot still.
    expect(await askByRest(second.url, FIRST_QUESTION)).toMatchObject({ verdict: 'denied', seq: 1 });
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    expect((await second.stop()).code).toBe(0);
  });

  it('takes two signals of one key press for one', async () => {
    const dataDir = temporaryFolder();
    const service = await start({ dataDir, args: ['--no-sample'] });
    service.signal('SIGINT');
    service.signal('SIGINT');
    expect(await service.outcome()).toMatchObject({ code: 0, stderr: '' });
    expect(processesMentioning(dataDir)).toEqual([]);
  });

  it('stops while it is still starting', async () => {
    const dataDir = temporaryFolder();
    const service = StandaloneProcess.spawn({ dataDir, args: ['--no-sample'] });
    await service.output(/making the embedded database/);
    service.signal('SIGTERM');
    const { code, stdout } = await service.outcome();
    expect(code).toBe(0);
    expect(stdout).not.toContain('ready');
    expect(processesMentioning(dataDir)).toEqual([]);
  });

  it('leaves the sample out when asked to', async () => {
    const service = await start({ dataDir: temporaryFolder(), args: ['--no-sample'] });
    expect(await clustersOf(service)).toEqual([]);
    expect(await service.output(/There is no cluster yet/)).toContain('clusters add');
  });

  it('says which port is in use and what to do, and starts nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const dataDir = temporaryFolder();
    const { code, stderr } = await StandaloneProcess.spawn({ dataDir, args: ['--port', String(port)] }).outcome();
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${String(port)} is in use`);
    expect(processesMentioning(dataDir)).toEqual([]);
  });

  it('refuses a data folder that another one uses, an unknown argument, and an open address', async () => {
    const dataDir = temporaryFolder();
    await start({ dataDir, args: ['--no-sample'] });
    const second = await StandaloneProcess.spawn({ dataDir }).outcome();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/in use by process \d+/);
    const unknown = await StandaloneProcess.spawn({ dataDir, args: ['--smaple'] }).outcome();
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toContain('--smaple');
    const open = await StandaloneProcess.spawn({ dataDir: temporaryFolder(), env: { HTTP_HOST: '0.0.0.0' } }).outcome();
    expect(open.code).toBe(1);
    expect(open.stderr).toMatch(/0\.0\.0\.0.*no authentication/);
  });
});
