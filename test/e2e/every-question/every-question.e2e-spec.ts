import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { tiersShape } from '../../bench/clusters.js';
import { expectReviewedCopy } from '../../contract/reviewed-copy.js';
import { requestJson } from '../ask.js';
import { atlas, StandaloneProcess } from '../standalone-process.js';
import { answersPage, type Answered } from './answers-page.js';
import { Doors, DOORS, type Door } from './doors.js';
import { CALICO, laterObjects, listOf, NODE, openToAll } from './later-objects.js';
import { expectations, filesOf, type Place } from './place.js';
import type { Question, Rows } from './question.js';
import { everyQuestion } from './questions.js';

jest.setTimeout(400_000);

const SAMPLE = join(import.meta.dirname, '..', '..', '..', 'apps', 'standalone', 'sample', 'shop-calico');

const brief = (told: unknown): string => JSON.stringify(told).slice(0, 1000);

/** All but what only the service can tell. */
type Fixed = Omit<Place, 'entry' | 'seen'>;

describe('every question, by REST, GraphQL and the command line', () => {
  let service: StandaloneProcess;
  let folder: string;
  const answers: Record<string, readonly Answered[]> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-every-'));
    service = await StandaloneProcess.start({ dataDir: join(folder, 'data') });
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has one answer about the sample', async () => {
    const manifests = join(folder, 'shop');
    cpSync(SAMPLE, manifests, { recursive: true });
    const later = () => writeFileSync(join(manifests, 'later.yaml'), listOf(laterObjects(SHOP_LATER)));
    const place = await prepare(SHOP, manifests, later);
    answers['shop'] = await agree(place, []);
  });

  it('has one answer about 10,000 pods', async () => {
    const manifests = join(folder, 'tiers.json');
    const objects = [...tiersShape(500).objects, CALICO, NODE];
    writeFileSync(manifests, listOf(objects));
    await command('clusters', 'add', 'tiers-again', '--upload', manifests);
    const later = () => writeFileSync(manifests, listOf([...objects, ...laterObjects(TIERS_LATER)]));
    const place = await prepare(TIERS, manifests, later);
    answers['tiers'] = await agree(place, []);
  });

  it('tells them in the documentation', async () => {
    const { shop = [], tiers = [] } = answers;
    await expectReviewedCopy('../../docs/answers.md', answersPage({ ...SHOP, ...(await told(SHOP)) }, shop, tiers));
  });

  /** Two snapshots of a cluster, with a baseline and expectations between them. */
  async function prepare(place: Fixed, manifests: string, later: () => void): Promise<Place> {
    const { cluster } = place;
    await command('clusters', 'add', cluster, '--upload', manifests);
    await atlas('baseline', 'set', cluster, '--name', 'first', '--server', service.url);
    const path = `${service.url}/api/v1/clusters/${cluster}/assertions`;
    await requestJson(path, 'PUT', { assertions: expectations(place) });
    later();
    await command('clusters', 'upload', cluster, manifests);
    await until(async () => (await items(`clusters/${cluster}/drift`)).length > 0);
    await until(async () => (await items(`clusters/${cluster}/assertions/events?name=as%20it%20was`)).length > 0);
    return { ...place, ...(await told(place)) };
  }

  /** The ids that the service gives what a place is asked about. */
  async function told({ cluster, from, to, port }: Fixed): Promise<Pick<Place, 'entry' | 'seen'>> {
    const plan = await requestJson(`${service.url}/api/v1/probes`, 'POST', { cluster, from, to, port });
    const { probes } = plan.body as { readonly probes: Rows };
    const drift = await requestJson(`${service.url}/api/v1/drift?cluster=${cluster}&before=1&type=opened&type=widened`);
    const { entries } = drift.body as { readonly entries: Rows };
    return { entry: String(entries[0]?.['id']), seen: `${String(probes[0]?.['id'])} open` };
  }

  /** `silent`: questions that may have nothing to tell; of any other an empty answer is a fault. */
  async function agree(place: Place, silent: readonly string[]): Promise<readonly Answered[]> {
    const doors = new Doors(service.url);
    const path = fileOf(place);
    const answered: Answered[] = [];
    const differ: unknown[] = [];
    for (const question of everyQuestion(place)) {
      const { title } = question;
      const byRest = await heard(doors, question, 'rest', path);
      for (const door of DOORS.slice(1)) {
        const other = await heard(doors, question, door, path);
        if (!isDeepStrictEqual(other, byRest)) differ.push({ title, door, other: brief(other), byRest: brief(byRest) });
      }
      const saysNothing = Array.isArray(byRest) && byRest.length === 0;
      if (saysNothing !== silent.includes(title)) differ.push({ title, byRest });
      answered.push({ question, told: byRest });
    }
    expect(differ).toEqual([]);
    return answered;
  }

  /** A door that fails is told with the rest, so that one run shows all that is wrong. */
  async function heard(doors: Doors, question: Question, door: Door, path: (name: string) => string): Promise<unknown> {
    try {
      return question.essence(await doors.ask(door, { ...question, command: question.command.map(path) }));
    } catch (error) {
      return { door, failed: (error as Error).message };
    }
  }

  /** Writes the files of a place, and gives the path of each by its name; other words as they are. */
  function fileOf(place: Place): (word: string) => string {
    const files = filesOf(place);
    const path = (name: string) => join(folder, `${place.cluster}-${name}`);
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
    return (word) => (word in files ? path(word) : word);
  }

  async function command(...args: readonly string[]): Promise<void> {
    expect(await atlas(...args, '--server', service.url)).toMatchObject({ code: 0, stderr: '' });
  }

  async function items(path: string): Promise<Rows> {
    const { body } = await requestJson(`${service.url}/api/v1/${path}`);
    return (body as { readonly items: Rows }).items;
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error('not so within 60 s');
      await sleep(200);
    }
  }
});

const SHOP_LATER = {
  namespace: 'shop',
  entry: { app: 'web' },
  opened: { app: 'db' },
  openedIn: 'shop',
  staged: {
    metadata: { name: 'closed', namespace: 'monitoring' },
    spec: { stagedAction: 'Set', podSelector: { matchLabels: { app: 'grafana' } }, policyTypes: ['Ingress'] },
  },
};
const SHOP: Fixed = {
  cluster: 'shop',
  other: 'shop-flannel',
  namespace: 'payments',
  from: 'shop/api',
  to: 'payments/gateway',
  port: 8443,
  next: 'labels:shop/app=api,tier=middle',
  selected: { from: 'pods:shop/tier=middle', to: 'pods:shop/app in (db,web)' },
  service: { name: 'payments/gateway', port: 443 },
  entered: 'shop/web',
  node: 'calico-worker-1',
  sensitive: 'app=db',
  turned: { from: 'ingress/controller', to: 'shop/db', port: 5432 },
  opened: JSON.stringify(openToAll('payments', 'gateway', { app: 'gateway' })),
  removed: JSON.stringify(openToAll('payments', 'ledger', { app: 'ledger' })),
  declared: readFileSync(join(SAMPLE, 'payments', 'policies.yaml'), 'utf8'),
};

const TIERS_LATER = {
  namespace: 'ns-0',
  entry: { tier: 'web' },
  opened: { tier: 'db' },
  openedIn: 'ns-3',
  staged: { metadata: { name: 'deny-all', namespace: 'ns-0' }, spec: { stagedAction: 'Delete' } },
};
const TIERS: Fixed = {
  cluster: 'tiers',
  other: 'tiers-again',
  namespace: 'ns-0',
  from: 'ns-1/pod-0',
  to: 'ns-0/pod-2',
  port: 5432,
  next: 'labels:ns-0/tier=api',
  selected: { from: 'pods:ns-0/tier=api', to: 'pods:ns-0/tier=db' },
  service: { name: 'ns-0/inside', port: 80 },
  entered: 'ns-0/pod-0',
  node: 'worker-1',
  sensitive: 'tier=db',
  turned: { from: 'ns-1/pod-0', to: 'ns-3/pod-2', port: 5432 },
  opened: JSON.stringify(openToAll('ns-0', 'db', { tier: 'db' })),
  removed: JSON.stringify(openToAll('ns-0', 'db', { tier: 'db' })),
  declared: JSON.stringify(openToAll('ns-0', 'db', { tier: 'db' })),
};
