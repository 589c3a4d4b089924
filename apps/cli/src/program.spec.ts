import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runOnTerminal as atlas } from './testing/run-on-terminal.js';

const SAMPLE = join(import.meta.dirname, '../../standalone/sample');
const IDLE = `
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: main, image: example.com/db}]}
status: {phase: Running, podIP: 10.0.1.2}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {}
  ingress:
    - {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}
    - {from: [{podSelector: {}}]}
`;

const can = (cluster: string, from: string, to: string, port: string, ...more: string[]) =>
  atlas(['can', '--dir', join(SAMPLE, cluster), '--from', from, '--to', to, '--port', port, ...more]);

describe('atlas can on the sample', () => {
  it('denies what a rule with the port of the Service does not admit, and names policy and near miss', async () => {
    const { code, out, err } = await can('shop-calico', 'shop/api', 'service:payments/gateway', '443');
    expect(err).toBe('');
    expect(code).toBe(1);
    expect(out.split('\n')[0]).toMatch(/denied/i);
    expect(out).toContain('payments/gateway');
    expect(out).toContain('8443');
  });

  it('allows the same on a network plugin that enforces nothing, and says what policy intended', async () => {
    const { code, out } = await can('shop-flannel', 'shop/api', 'service:payments/gateway', '443', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'allowed',
      reason: 'CNI_NOT_ENFORCING',
      intended: { verdict: 'denied' },
      enforced: { verdict: 'allowed' },
    });
  });

  it('tells the way there in every form, and keeps the exit code', async () => {
    const as = (form: string) => can('shop-calico', 'shop/web', 'shop/db', '5432', '-o', form);
    const marks = {
      svg: '<svg ',
      dot: 'digraph',
      mermaid: 'flowchart',
      md: '|',
      csv: 'hop,',
      yaml: 'verdict: denied',
    };
    for (const [form, mark] of Object.entries(marks)) {
      const { code, out } = await as(form);
      expect([form, code, out]).toEqual([form, 1, expect.stringContaining(mark)]);
    }
  });

  it.each([
    ['web reaches the API', 'shop/web', 'service:shop/api', '80', 'TCP', 'allowed'],
    ['web does not reach the database', 'shop/web', 'shop/db', '5432', 'TCP', 'denied'],
    ['the API reaches the database', 'shop/api', 'shop/db', '5432', 'TCP', 'allowed'],
    ['payments cannot look up names', 'payments/gateway', 'service:kube-system/kube-dns', '53', 'UDP', 'denied'],
    ['the shop can look up names', 'shop/web', 'service:kube-system/kube-dns', '53', 'UDP', 'allowed'],
    ['one dash lets Grafana into the database', 'monitoring/grafana', 'shop/db', '5432', 'TCP', 'allowed'],
    ['Grafana does not reach metrics of the API', 'monitoring/grafana', 'shop/api', '9090', 'TCP', 'denied'],
    ['Prometheus does', 'monitoring/prometheus', 'shop/api', 'metrics', 'TCP', 'allowed'],
    ['a host-network pod has no policy', 'monitoring/grafana', 'payments/key-bridge', '7443', 'TCP', 'allowed'],
    ['card networks are reached', 'payments/gateway', 'ip:203.0.113.9', '443', 'TCP', 'allowed'],
    ['but not in the range that was cut out', 'payments/gateway', 'ip:203.0.113.200', '443', 'TCP', 'denied'],
    [
      'a job without pods is asked about by its template',
      'cronjob:payments/settlement',
      'payments/ledger',
      '5432',
      'TCP',
      'denied',
    ],
  ])('%s', async (_, from, to, port, protocol, verdict) => {
    const { out, err } = await can('shop-calico', from, to, port, '--protocol', protocol, '-o', 'json');
    expect(err).toBe('');
    expect(JSON.parse(out)).toMatchObject({ verdict });
  });

  it('exits 0 on a denial that is expected', async () => {
    expect((await can('shop-calico', 'shop/web', 'shop/db', '5432', '--expect', 'denied')).code).toBe(0);
  });

  it.each([
    ['clusters', 'remove', 'rm'],
    ['schedule', 'remove', 'rm'],
    ['reports', 'list', 'ls'],
  ])('takes `%s %s` by the name of a shell, %s', async (group, name, alias) => {
    const { code, out } = await atlas([group, alias, '--help']);
    expect([code, out]).toEqual([0, expect.stringContaining(`${group} ${name}|${alias}`)]);
  });

  it('suggests names when one does not exist', async () => {
    const { code, err } = await can('shop-calico', 'shop/wep', 'shop/db', '5432');
    expect(code).toBe(2);
    expect(err).toMatch(/shop\/wep/);
    expect(err).toMatch(/shop\/web/);
  });

  it('names every option that cannot be read, at once', async () => {
    const { code, err } = await can('shop-calico', '', 'shop/db', '99999', '--protocol', 'tcpp', '--source-port', 'x');
    expect(code).toBe(2);
    for (const flag of ['--from', '--port', '--protocol', '--source-port']) expect(err).toContain(flag);
  });
});

describe('atlas can on broken manifests', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-cli-'));
    writeFileSync(join(folder, 'broken.yaml'), 'kind: Pod\n\tmetadata: {}\n');
    writeFileSync(join(folder, 'pods.yaml'), `${POD('a')}---\n${POD('b')}`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('answers from what can be read and tells the rest on stderr with file and line', async () => {
    const { code, out, err } = await atlas([
      'can',
      '--dir',
      folder,
      '--from',
      'x/a',
      '--to',
      'x/b',
      '--port',
      '80',
      '-o',
      'json',
    ]);
    expect(err).toMatch(/warning: broken\.yaml:\d+/);
    expect(JSON.parse(out)).toMatchObject({ intended: { verdict: 'allowed' } });
    expect([0, 4]).toContain(code);
  });

  it('goes by policy alone where no network plugin is known, when asked to', async () => {
    const shut = [
      'apiVersion: networking.k8s.io/v1',
      'kind: NetworkPolicy',
      'metadata: {name: shut, namespace: x}',
      'spec: {podSelector: {}}',
    ].join('\n');
    const manifests = [POD('a'), POD('b'), shut].join('---\n');
    const question = ['can', '--dir', '-', '--from', 'x/a', '--to', 'x/b', '--port', '80', '--expect', 'denied'];
    const enforced = await atlas(question, manifests);
    expect(enforced).toMatchObject({ code: 4, err: expect.stringContaining('--reading intended') });
    const intended = await atlas([...question, '--reading', 'intended'], manifests);
    expect(intended).toMatchObject({ code: 0, err: '' });
    expect(intended.out).toMatch(/^DENIED .*\n.*\n {2}this cluster: undetermined/);
  });

  it('reads standard input', async () => {
    const { out } = await atlas(
      ['can', '--dir', '-', '--from', 'x/a', '--to', 'x/b', '-o', 'json'],
      `${POD('a')}---\n${POD('b')}`,
    );
    expect(JSON.parse(out)).toMatchObject({ intended: { verdict: 'allowed' } });
  });

  it('says that a folder is not there', async () => {
    const { code, err } = await atlas(['can', '--dir', join(folder, 'none'), '--from', 'x/a', '--to', 'x/b']);
    expect(code).toBe(2);
    expect(err).toContain('none');
  });
});

describe('atlas', () => {
  it('wants to know where to look', async () => {
    const { code, err } = await atlas(['can', '--from', 'a/b', '--to', 'a/c']);
    expect(code).toBe(2);
    expect(err).toMatch(/--dir .*--server/);
  });

  it('asks the server that is known about a cluster, unless manifests or another one are named', async () => {
    const at = async (...args: string[]): Promise<string> => (await atlas(['--server', '127.0.0.1:9', ...args])).err;
    const can = ['can', '--from', 'shop/web', '--to', 'shop/db', '--port', '5432'];
    const known = 'cannot reach `http://127.0.0.1:9`';
    expect(await at(...can, '--cluster', 'x')).toContain(known);
    expect(await at(...can, '--cluster', 'x', '--server')).toContain(known);
    expect(await at(...can, '--cluster', 'x', '--server', '127.0.0.1:7')).toContain(
      'cannot reach `http://127.0.0.1:7`',
    );
    expect(await at('clusters', 'list')).toContain(known);
    expect(await at('diff', 'cluster:x')).toContain(known);
    expect(await at('flows', 'list', '--cluster', 'x')).toContain(known);
    expect(await at(...can, '--dir', join(SAMPLE, 'shop-calico'))).toBe('');
    expect(await at(...can)).toMatch(/--dir .*--server/);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(SAMPLE, '../../../package.json'), 'utf8')) as { version: string };
    expect(await atlas(['--version'])).toMatchObject({ code: 0, out: expect.stringContaining(`atlas ${version}\n`) });
  });

  it('refuses a folder together with a server, history of a folder, and unknown formats', async () => {
    const base = ['can', '--from', 'a/b', '--to', 'a/c', '--dir', SAMPLE];
    expect((await atlas([...base, '--server'])).code).toBe(2);
    expect((await atlas([...base, '--at', '3'])).err).toMatch(/--at needs a server/);
    expect((await atlas([...base, '-o', 'xml'])).err).toMatch(/text, json/);
    expect((await atlas(['cni', '--dir', SAMPLE, '--at', '3'])).err).toMatch(/--at needs a server/);
    expect((await atlas(['cni', '--dir', SAMPLE, '--history'])).err).toMatch(/--history needs --server/);
    const both = await atlas(['cni', '--server', '--cluster', 'x', '--history', '--at', '3']);
    expect(both).toMatchObject({ code: 2, err: expect.stringMatching(/leave --at out/) });
  });

  it('lists policies of every kind it finds', async () => {
    const { code, out } = await atlas(['policies', '--dir', join(SAMPLE, 'shop-calico'), '-n', 'payments']);
    expect(code).toBe(0);
    expect(
      out
        .split('\n')
        .slice(1, -1)
        .map((line) => line.split(/\s+/).at(-1)),
    ).toEqual(['default-deny', 'gateway', 'key-bridge', 'ledger']);
  });

  it('finds rules that could go, with what decides in their stead', async () => {
    const { code, out } = await atlas(['policies', '--dir', '-', '--idle'], IDLE);
    expect(code).toBe(0);
    expect(out.split('\n')[1]).toMatch(/^NetworkPolicy +shop\/db#0 +ingress +redundant +shop\/db#1$/);
    expect((await atlas(['policies', '--server', '--cluster', 'x', '--idle'])).err).toMatch(/--idle needs --dir/);
  });

  it('refuses a request of two protocols, and codes of ICMP without a type', async () => {
    const base = ['can', '--from', 'a/b', '--to', 'a/c', '--dir', SAMPLE];
    expect((await atlas([...base, '--dns-name', 'a', '--sni', 'b'])).err).toMatch(/a request is of one protocol/);
    expect((await atlas([...base, '--icmp-code', '0'])).err).toMatch(/--icmp-code needs --icmp-type/);
    expect((await atlas([...base, '--protocol', 'ICMP', '--icmp-type', '300'])).err).toMatch(/--icmp-type /);
  });

  it('compares network plugins, each cell with its source', async () => {
    const { code, out } = await atlas(['cni', '-o', 'md']);
    expect(code).toBe(0);
    const [header = '', rule = '', ...rows] = (out.split('\n\n')[0] ?? '').split('\n');
    expect(header).toBe(
      '| CNI | NetworkPolicy | L7 | DNS names | Cluster-wide policy | Explicit deny | Flow logs | Dataplane | Pod to its own node | Encryption |',
    );
    expect(rule).toBe(`|${' --- |'.repeat(10)}`);
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) expect(row.match(/\]\(https:\/\//g)).toHaveLength(9);
    const json = JSON.parse((await atlas(['cni', '-o', 'json'])).out) as unknown[];
    expect(json).toHaveLength(rows.length);
    const text = (await atlas(['cni'])).out;
    expect(text).toMatch(/^Cilium\n {2}NetworkPolicy .*since before 1\.2 +\[1\]$/m);
    expect(text).toMatch(/^SOURCES\n\[1\] +https:/m);
    const csv = (await atlas(['cni', '-o', 'csv'])).out.trimEnd().split('\r\n');
    expect(csv).toHaveLength(1 + rows.length * 9);
    expect(csv).toContain('Cilium,DNS names,yes (toFQDNs),from 1.2,https://cilium.io/blog/2018/08/21/cilium-12/');
  });

  it('tells what a cluster runs, why, and which of its policies that ignores', async () => {
    const flannel = await atlas(['cni', '--dir', join(SAMPLE, 'shop-flannel')]);
    expect(flannel.code).toBe(0);
    expect(flannel.out).toMatch(/^Flannel \S+ does not enforce network policy \(confidence 0\.\d\d\)/);
    expect(flannel.out).toMatch(/^ignored {2,}NetworkPolicy\.networking\.k8s\.io {2,}\S+\/\S+, .* and \d+ more/m);
    const calico = await atlas(['cni', '--dir', join(SAMPLE, 'shop-calico'), '-o', 'json']);
    expect(JSON.parse(calico.out)).toMatchObject({ cni: { policyEngine: 'calico' }, ignored: [] });
  });

  it('takes one source for the network plugin too', async () => {
    expect(await atlas(['cni', '--cluster', 'x'])).toMatchObject({ code: 2 });
    expect(await atlas(['cni', '--dir', join(SAMPLE, 'shop-calico'), '-o', 'md'])).toMatchObject({ code: 2 });
    expect(await atlas(['cni', '--server'])).toMatchObject({ code: 2 });
  });

  it('shows help with examples and exits 0', async () => {
    const { code, out } = await atlas(['can', '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:[^]*Exit codes:/);
  });

  it('takes one source for a new cluster', async () => {
    const two = await atlas(['clusters', 'add', 'x', '--folder', 'a', '--archive', 'b']);
    expect(two).toMatchObject({ code: 2 });
    expect(two.err).toMatch(/--folder and --archive/);
    expect((await atlas(['clusters', 'add', 'x'])).err).toMatch(/none was given/);
    expect((await atlas(['clusters', 'add', 'x', '--folder', 'a', '--context', 'c'])).err).toMatch(
      /--context belongs to/,
    );
  });
});

function POD(name: string): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: x }
spec: { nodeName: n1, containers: [{ name: c, image: c }] }
status: { phase: Running, podIP: 10.0.0.${name === 'a' ? '1' : '2'} }
`;
}
