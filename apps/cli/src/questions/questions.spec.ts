import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runOnTerminal } from '../testing/run-on-terminal.js';

const pod = (app: string): string =>
  `apiVersion: v1
kind: Pod
metadata: { name: ${app}, namespace: shop, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i, ports: [{ containerPort: 80 }] }] }
`;
const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ podSelector: { matchLabels: { app: api } } }], ports: [{ port: 80 }] }] }
`;
const calico = `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: calico-node, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: calico-node } }
  template:
    metadata: { labels: { k8s-app: calico-node } }
    spec: { hostNetwork: true, containers: [{ name: calico-node, image: 'quay.io/calico/node:v3.31.0' }] }
status: { desiredNumberScheduled: 1, numberReady: 1 }
`;

describe('questions about a folder', () => {
  let dir = '';
  const folder = (name: string): string => join(dir, name);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'atlas-questions-'));
    const shop = [pod('web'), pod('api'), pod('db'), policy];
    await writeFile(folder('unknown.yaml'), shop.join('---\n'));
    await writeFile(folder('calico.yaml'), [...shop, calico].join('---\n'));
    const questions = [
      { ref: 'a', from: 'shop/api', to: 'shop/db', port: 80 },
      { from: 'shop/web', to: 'shop/db', port: '80' },
      { ref: 'c', from: 'shop/web', to: 'shop/nobody' },
      { ref: 'd', to: 'shop/db' },
      { ref: 'e', from: 'shop/web', to: 'shop/db', protocol: 'TPC' },
    ];
    await writeFile(folder('questions.jsonl'), questions.map((each) => JSON.stringify(each)).join('\n'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const list = (name: string, ...more: readonly string[]) =>
    runOnTerminal(['list', '--dir', folder(name), '--from', 'shop/web', '--to', 'shop/db', ...more]);

  it('expects none where everything is certain, and says so where it is not', async () => {
    expect(await list('calico.yaml', '--expect', 'none')).toMatchObject({ code: 0, err: '0 connections\n' });
    expect(await list('calico.yaml', '--expect', 'some')).toMatchObject({ code: 1 });
    const doubtful = await list('unknown.yaml', '--expect', 'none');
    expect(doubtful.code).toBe(4);
    expect(doubtful.err).toContain('it is not known whether the network plugin enforces policy');
    expect(await list('unknown.yaml', '--expect', 'none', '--reading', 'intended')).toMatchObject({ code: 0 });
    expect(await list('unknown.yaml', '--expect', 'some', '--verdict', 'unknown')).toMatchObject({ code: 0 });
  });

  it('sums up what nobody would read, and says how to read it all the same', async () => {
    const many = Array.from({ length: 60 }, (_, index) => MANY_POD(`p${String(index)}`, `10.0.1.${String(index + 1)}`));
    const manifests = [MANY_POD('start', '10.0.0.1'), ...many].join('---\n');
    const brief = await runOnTerminal(['blast', '--dir', '-', '--of', 'many/start'], manifests);
    expect(brief.out).toMatch(/^NAMESPACE +ENDPOINTS +OF\nmany +60 +61$/m);
    expect(brief.err).toContain('60 targets; -o wide lists each with the path to it');
    const wide = await runOnTerminal(['blast', '--dir', '-', '--of', 'many/start', '-o', 'wide'], manifests);
    expect(wide.out).toMatch(/^1 +many\/p0 .* many\/start → many\/p0$/m);
    const list = await runOnTerminal(['list', '--dir', '-', '--from', 'many/start', '--no-outside'], manifests);
    expect(list.err).toContain('60 connections; --from, --to, --port and -n choose some');
  });

  it('tells first how many can reach something, and asks who is meant', async () => {
    const who = (...flags: readonly string[]) => runOnTerminal(['who', '--dir', folder('calico.yaml'), ...flags]);
    expect((await who('--from', 'shop/web', '--port', '1')).out).toMatch(/^shop\/web can reach .+ on port 1\n/);
    expect(await who()).toMatchObject({ code: 2, err: expect.stringContaining('say --to, for who can reach it') });
  });

  it('tells the ways in from outside in Markdown too', async () => {
    const manifests = [
      MANY_POD('web', '10.0.0.1'),
      `apiVersion: v1
kind: Service
metadata: { name: web, namespace: many }
spec: { type: LoadBalancer, selector: {}, ports: [{ port: 80 }] }
status: { loadBalancer: { ingress: [{ ip: 203.0.113.7 }] } }
`,
      `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: many, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ port: 80, protocol: TCP }]
endpoints: [{ addresses: [10.0.0.1], conditions: { ready: true }, targetRef: { kind: Pod, name: web, namespace: many } }]
`,
    ].join('---\n');
    const who = await runOnTerminal(['who', '--dir', '-', '--to', 'many/web', '-o', 'md'], manifests);
    expect(who.out).toMatch(/^\*\*\d+ sources? can reach many\/web\*\*\n\n\| source /);
    const expose = await runOnTerminal(['expose', '--dir', '-', '-o', 'md'], manifests);
    for (const { out } of [who, expose])
      expect(out).toMatch(/\n\n\*\*Ways in from outside\*\*\n\n\| .*\n.*\n.*many\/web/);
  });

  it('tells what is wrong once, under the name that it was given by', async () => {
    const blast = ['blast', '--dir', folder('calico.yaml'), '--of', 'shop/web', '--hops'];
    expect(await runOnTerminal([...blast, '0'])).toMatchObject({
      code: 2,
      err: 'error: --hops: must be a whole number from 1 to 100, or `all`\n',
    });
    const list = await runOnTerminal(['list', '--dir', folder('calico.yaml'), '--port=http']);
    expect(list.err).toBe('error: --port: must be a port from 1 to 65535, or a range such as `8000-8999`\n');
  });

  it('begins with counts where there are more connections than somebody reads', async () => {
    const others = Array.from({ length: 23 }, (_, index) =>
      MANY_POD(`p${String(index)}`, `10.0.1.${String(index + 1)}`),
    );
    const manifests = [MANY_POD('start', '10.0.0.1'), ...others].join('---\n');
    const brief = await runOnTerminal(['list', '--dir', '-', '--no-outside'], manifests);
    expect(brief.out).toMatch(
      /^552 connections in 1 namespace; 0 come from outside, 0 go outside\n\nNAMESPACE .*\nmany +0 +0 +552 +0 +0\s*$/,
    );
    expect(brief.err).toContain('552 connections; summed up here, -o wide lists each');
    const wide = await runOnTerminal(['list', '--dir', '-', '--no-outside', '-o', 'wide'], manifests);
    expect(wide.out.trimEnd().split('\n')).toHaveLength(553);
    const piped = await runOnTerminal(['list', '--dir', '-', '--no-outside'], manifests, false);
    expect(piped.out.trimEnd().split('\n')).toHaveLength(553);
    expect(piped.err).toContain('552 connections; --from,');
    const grouped = await runOnTerminal(['list', '--dir', '-'], manifests);
    expect(grouped.out).toContain('; 24 come from outside, 24 go outside\n');
    expect(grouped.out).toMatch(/^many +24 +0 +552 +0 +24$/m);
  });

  it('tells the exposure of many by counts and the most exposed', async () => {
    const closed = Array.from({ length: 60 }, (_, index) =>
      MANY_POD(`a${String(index)}`, `10.0.1.${String(index + 1)}`, 'closed'),
    );
    const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: many }
spec: { podSelector: { matchLabels: { app: closed } }, policyTypes: [Ingress, Egress] }
`;
    const manifests = [...closed, MANY_POD('z', '10.0.0.1'), policy].join('---\n');
    const options = ['expose', '--dir', '-', '--reading', 'intended'];
    const brief = await runOnTerminal(options, manifests);
    const [headline, , , first, ...rest] = brief.out.trimEnd().split('\n');
    expect(headline).toBe(
      '61 workloads, 1 open to the internet, 1 open to any pod, 1 selected by no policy, 1 with a way to the internet',
    );
    expect(first).toMatch(/^many\/z +by no policy +all +all +all$/);
    expect(rest).toHaveLength(49);
    expect(brief.err).toContain('the 50 most exposed of 61; -o wide lists each');
    const piped = await runOnTerminal(options, manifests, false);
    expect(piped.out.match(/^many\//gm)).toHaveLength(61);
    const wide = await runOnTerminal([...options, '-o', 'wide'], manifests);
    expect(wide.out.match(/^many\//gm)).toHaveLength(61);
  });

  it.each([[['blast', '--of', 'shop/web']], [['expose', '-n', 'shop']]])('says what %j leaves out', async (verb) => {
    const told = await runOnTerminal([...verb, '--dir', folder('unknown.yaml')]);
    expect(told.err).toContain('only what passes either way is told');
    expect((await runOnTerminal([...verb, '--dir', folder('calico.yaml')])).err).toBe('');
  });

  it('answers many questions at once, and spoils none for a wrong one', async () => {
    const { code, out } = await runOnTerminal(['batch', folder('questions.jsonl'), '--dir', folder('calico.yaml')]);
    expect(code).toBe(2);
    const [, ...rows] = out.trim().split('\n');
    expect(rows.map((row) => row.split(/ {2,}/, 2))).toEqual([
      ['a', 'allowed'],
      ['2', 'denied'],
      ['c', 'error'],
      ['d', 'error'],
      ['e', 'error'],
    ]);
    expect(rows.slice(2).join('\n')).toMatch(
      /named `shop\/nobody`\n.*give `from` and `to` as text\n.*`TPC` is not known/,
    );
  });
});

function MANY_POD(name: string, ip: string, app = 'open'): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: many, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i }] }
status: { podIP: ${ip}, phase: Running }
`;
}
