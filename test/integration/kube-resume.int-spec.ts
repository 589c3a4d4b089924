import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type KubeAccess, type SourcePositions, KubeSource, type WatchSettings } from '#kube';

import { FakeApiServer, type FakeApiServerOptions } from '../support/fake-api-server.js';
import { Mirror, until } from '../support/source-mirror.js';

const FAST: Partial<WatchSettings> = {
  pageSize: 3,
  discoveryIntervalMs: 100,
  heartbeatIntervalMs: 50,
  backoff: { minMs: 20, maxMs: 100 },
};
const SERVED = ['pods', 'namespaces', 'networking.k8s.io/networkpolicies'];

const pod = (name: string): Record<string, unknown> => ({
  metadata: { name, namespace: 'shop' },
  spec: { containers: [] },
});

describe('KubeSource between one process and the next, and with the ways of newer servers (2, 5)', () => {
  let server: FakeApiServer;
  let mirror: Mirror;
  let source: KubeSource;
  let stop: () => Promise<void> = () => Promise.resolve();

  const begin = async (options: FakeApiServerOptions = {}): Promise<void> => {
    server = await FakeApiServer.start({ serve: SERVED, ...options });
    server.identify('cluster-1');
    for (let i = 0; i < 7; i++) server.put('pods', pod(`p${i}`));
  };
  beforeEach(() => {
    mirror = new Mirror();
  });
  afterEach(async () => {
    await stop();
    await server.stop();
  });

  function run(resume: SourcePositions | null = null, access?: KubeAccess, more: Partial<WatchSettings> = {}): void {
    const settings = { ...FAST, ...more };
    source = new KubeSource(access ?? { type: 'text', text: server.kubeconfig() }, { settings });
    const controller = new AbortController();
    const done = source.run(mirror.sink, controller.signal, resume);
    stop = async () => {
      controller.abort();
      await done;
    };
  }
  const watching = (): Promise<void> =>
    until('everything is watched', () => SERVED.every((resource) => server.watchCount(resource) === 1));
  const podLists = (): number => server.requests.filter(({ resource, watch }) => resource === 'pods' && !watch).length;

  describe('resuming', () => {
    let positions: SourcePositions;
    beforeEach(async () => {
      await begin();
      run();
      await watching();
      await stop();
      positions = source.positions();
      server.requests.length = 0;
      server.remove('pods', 'shop', 'p0');
      server.put('pods', pod('late'));
    });

    it('goes on from the kept versions without a list, deletes included', async () => {
      run(positions);
      await until('the change arrived', () => mirror.names('Pod').includes('shop/late'));
      expect(mirror.names('Pod')).not.toContain('shop/p0');
      expect(mirror.lists('Pod')).toBe(1);
      expect(podLists()).toBe(0);
      await until('the heart beats', () => mirror.lastBeat() > 0);
    });

    it('lists when the kept version is gone', async () => {
      server.compact();
      run(positions);
      await until('the list came again', () => mirror.lists('Pod') === 2);
      expect(mirror.names('Pod')).toContain('shop/late');
      expect(mirror.names('Pod')).not.toContain('shop/p0');
    });

    it('lists when another cluster answers at the address', async () => {
      run({ ...positions, identity: 'cluster-2' });
      await until('the list came again', () => mirror.lists('Pod') === 2);
    });

    it('lists when the server was set back to before the kept version', async () => {
      const ahead = { ...positions.kinds['Pod'], resourceVersion: '999999' };
      run({ ...positions, kinds: { ...positions.kinds, Pod: ahead as never } });
      await watching();
      server.bookmark('pods');
      await until('the list came again', () => mirror.lists('Pod') === 2);
    });

    it('lists a kind that is due for a full list', async () => {
      const old = { ...positions.kinds['Pod'], listedAt: Date.now() - 24 * 3_600_000 };
      run({ ...positions, kinds: { ...positions.kinds, Pod: old as never } });
      await until('the list came again', () => mirror.lists('Pod') === 2);
    });
  });

  describe('streamed initial lists', () => {
    it('take the place of further pages, and the watch goes on from them', async () => {
      await begin({ streamedLists: 'served' });
      run();
      await watching();
      await until('pods are there', () => mirror.names('Pod').length === 7);
      expect(podLists()).toBe(1);
      expect(server.requests.filter(({ resource, watch }) => resource === 'pods' && watch)).toHaveLength(1);
      expect(mirror.lists('Pod')).toBe(1);
      server.put('pods', pod('after'));
      server.remove('pods', 'shop', 'p1');
      await until('the changes arrived', () => mirror.names('Pod').includes('shop/after'));
      expect(mirror.names('Pod')).toHaveLength(7);
      // What fits into a page needs no stream.
      const others = server.requests.filter(
        ({ query, resource }) => resource !== 'pods' && query.has('sendInitialEvents'),
      );
      expect(others).toEqual([]);
    });

    it('that break half way tell nothing and start over', async () => {
      await begin({ streamedLists: 'served' });
      server.cutStreamedListAfter = 4;
      run();
      await until('pods are there', () => mirror.names('Pod').length > 0);
      expect(mirror.names('Pod')).toHaveLength(7);
      expect(mirror.lists('Pod')).toBe(1);
      expect(podLists()).toBe(2);
    });

    it('that are refused after all give way to pages', async () => {
      await begin({ streamedLists: 'refused' });
      run();
      await watching();
      expect(mirror.names('Pod')).toHaveLength(7);
      expect(mirror.lists('Pod')).toBe(1);
    });
  });

  it('spares a list that is due when names and versions are as they were reported, and finds what was lost', async () => {
    await begin();
    run(null, undefined, { resyncIntervalMs: 300, watchTimeoutSeconds: 1 });
    await watching();
    const checks = (): number =>
      server.requests.filter(
        ({ resource, accept }) => resource === 'pods' && accept.includes('PartialObjectMetadataList'),
      ).length;
    await until('it was looked at twice', () => checks() >= 6, 15_000);
    expect(mirror.lists('Pod')).toBe(1);
    server.putUnseen('pods', pod('lost'));
    server.put('pods', pod('told'));
    await until('the lost one is there', () => mirror.names('Pod').includes('shop/lost'), 15_000);
    expect(mirror.lists('Pod')).toBe(2);
  });

  it('lists again when events come out of order, since one may be missing', async () => {
    await begin();
    run();
    await watching();
    server.put('pods', pod('newest'));
    await until('the change arrived', () => mirror.names('Pod').includes('shop/newest'));
    server.replayOldest('pods');
    await until('the list came again', () => mirror.lists('Pod') === 2);
    expect(mirror.names('Pod')).toContain('shop/newest');
  });

  describe('credentials that change', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'atlas-token-'));
      await begin({ token: 'first' });
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it.each(['in the kubeconfig', 'in a file that it names'])(
      'are read again when they are refused: %s',
      async (where) => {
        const path = join(folder, 'kubeconfig');
        const write = async (token: string): Promise<void> => {
          const config = JSON.parse(server.kubeconfig(token)) as { users: { user: object }[] };
          if (where !== 'in the kubeconfig') {
            await writeFile(join(folder, 'token'), token);
            config.users = [{ ...config.users[0], user: { tokenFile: join(folder, 'token') } }];
          }
          await writeFile(path, JSON.stringify(config));
        };
        await write('first');
        run(null, { type: 'path', path });
        await watching();
        server.rotateToken('second');
        server.cut('pods');
        server.put('pods', pod('during'));
        await write('second');
        await until('the change arrived', () => mirror.names('Pod').includes('shop/during'), 15_000);
        expect(mirror.lists('Pod')).toBe(1);
      },
    );
  });
});
