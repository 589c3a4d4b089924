import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { requestJson } from '../ask.js';
import { atlas, run, StandaloneProcess } from '../standalone-process.js';
import { askedOf, everyExample } from './examples.js';

jest.setTimeout(300_000);

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SAMPLE = join(ROOT, 'apps', 'standalone', 'sample', 'shop-calico');

/** Examples that need what no machine has by itself. */
const ELSEWHERE = [/ --relay /, / --prometheus /, /kubeconfig/, /\bID\b/, /^atlas channel /, / --entry 4e07/];

/** As expected, not as expected, undetermined. 2 is bad usage, 3 a server that cannot be asked. */
const ANSWERED = [0, 1, 4];

const FLOW = '{"src":"shop/web","dst":"shop/api","protocol":"TCP","port":8080,"verdict":"forwarded"}\n';
const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
`;
const FILES: Readonly<Record<string, string>> = {
  'assertions.yaml': 'assertions: [{ name: closed, from: shop/web, to: shop/db, port: 5432, expect: denied }]\n',
  'questions.jsonl': '{"from":"shop/web","to":"shop/db","port":5432}\n',
  'flows.jsonl': FLOW,
  'policies.yaml': POLICY,
  'old.yaml': POLICY,
};

describe('the examples of the help texts', () => {
  let service: StandaloneProcess;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-examples-'));
    for (const name of ['manifests', 'main', 'branch', 'policies'])
      cpSync(SAMPLE, join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'branch', 'policies.yaml'), POLICY.replace('name: db', 'name: closed'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    await run('tar', ['-czf', 'manifests.tar.gz', 'manifests'], { cwd: folder });
    program('atlas', `exec node ${join(ROOT, 'bin', 'atlas.mjs')} "$@"`);
    program('kubectl', `[ "$1" = atlas ] && shift && exec atlas "$@"; cat ${join(folder, 'manifests', '*', '*.yaml')}`);
    program('hubble', `cat ${join(folder, 'flows.jsonl')}`);
    service = await StandaloneProcess.start({ dataDir: join(folder, 'data') });
    await prepare();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function program(name: string, script: string): void {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    const path = join(folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  async function prepare(): Promise<void> {
    const at = ['--server', service.url];
    for (const name of ['shop', 'stage', 'prod']) {
      await atlas('clusters', 'add', name, '--upload', join(folder, 'main'), ...at);
    }
    for (const [index, each] of ['branch', 'main'].entries()) {
      await atlas('clusters', 'upload', 'shop', join(folder, each), ...at);
      await untilSnapshot(index + 2);
    }
    await atlas('audit', '--cluster', 'shop-calico', ...at);
    await atlas('baseline', 'set', 'shop', ...at);
  }

  async function untilSnapshot(seq: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    while ((await requestJson(`${service.url}/api/v1/clusters/shop/counts?at=${String(seq)}`)).status !== 200) {
      if (Date.now() > deadline) throw new Error(`no snapshot ${String(seq)} within 60 s`);
      await sleep(100);
    }
  }

  it('run as they are written', async () => {
    const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
    const examples = everyExample().filter((example) => !ELSEWHERE.some((pattern) => pattern.test(example)));
    const failed: object[] = [];
    for (const example of examples) {
      const { code, stderr } = await run('sh', ['-c', askedOf(service.url, example)], { cwd: folder, env });
      if (!ANSWERED.includes(code ?? -1)) failed.push({ example, code, stderr: stderr.slice(0, 400) });
    }
    expect(failed).toEqual([]);
    expect(examples.length).toBeGreaterThan(90);
  });

  it('exit 4 where an answer cannot be written, which is not an answer that is not as expected', async () => {
    const { code, stderr } = await run('sh', ['-c', `node ${join(ROOT, 'bin', 'atlas.mjs')} cni > /dev/full`]);
    expect([code, stderr]).toEqual([4, expect.stringContaining('no space left on device')]);
  });
});
