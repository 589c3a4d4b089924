import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ask, compileSnapshot, parsePeer } from '#engine';
import type { CompiledSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';

/** What stands beside everything broken, and must answer as if it were alone. */
const GOOD = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
status: {phase: Running, podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: i}]}
status: {phase: Running, podIP: 10.0.0.2}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}
`;

const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: broken, namespace: other}\nspec: ${spec}\n`;
const ingress = (rule: string): string => policy(`{podSelector: {}, ingress: [${rule}]}`);
const pod = (rest: string): string => `apiVersion: v1\nkind: Pod\n${rest}\n`;

/** File name → its text, and what must be said of it: a field, and words. */
const BROKEN: Readonly<Record<string, readonly [string, string]>> = {
  'tab.yaml': ['apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n', 'line 4.*tab'],
  'quote.yaml': ['apiVersion: v1\nkind: "Pod\nmetadata: {name: x}\n', 'line \\d+.*quote'],
  'twice.yaml': ['apiVersion: v1\nkind: Pod\nkind: Pod\nmetadata: {name: x}\n', 'line 3.*/kind.*given twice'],
  'truncated.json': ['{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"', 'JSON'],
  'no-kind.yaml': ['apiVersion: v1\nmetadata: {name: x}\n', 'line 1.*`kind` missing'],
  'no-version.yaml': ['kind: Pod\nmetadata: {name: x}\n', 'line 1.*`apiVersion` missing'],
  'no-name.yaml': [pod('metadata: {}'), '/metadata/name'],
  'scalar.yaml': ['just a sentence\n', 'expected'],
  'spec-list.yaml': [pod('metadata: {name: x}\nspec: [1]'), '/spec.*expected an object, found a list'],
  'port-range.yaml': [
    pod('metadata: {name: x}\nspec: {containers: [{ports: [{containerPort: 70000}]}]}'),
    '/spec/containers/0/ports/0/containerPort.*1 to 65535',
  ],
  'label-number.yaml': [
    pod('metadata: {name: x, labels: {version: 1.1}}\nspec: {containers: []}'),
    '/metadata/labels/version.*quotes',
  ],
  'version.yaml': [
    'apiVersion: networking.k8s.io/v9\nkind: NetworkPolicy\nmetadata: {name: x}\nspec: {}\n',
    '/apiVersion.*`v1`',
  ],
  'list.yaml': ['apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {}}\n', '/metadata/name'],
  'selector.yaml': [policy('{podSelector: {matchLabel: {a: b}}}'), '/spec/podSelector/matchLabel.*matchLabels'],
  'peer-empty.yaml': [ingress('{from: [{}]}'), '/spec/ingress/0/from/0.*needs'],
  'peer-mixed.yaml': [
    ingress('{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}'),
    '/spec/ingress/0/from/0.*beside a selector',
  ],
  'cidr.yaml': [
    ingress('{from: [{ipBlock: {cidr: 10.0.0.300/8}}]}'),
    '/spec/ingress/0/from/0/ipBlock/cidr.*10.0.0.300/8',
  ],
  'except.yaml': [
    ingress('{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}'),
    '/except/0.*strictly inside',
  ],
  'end-port.yaml': [ingress('{ports: [{port: 90, endPort: 80}]}'), '/ports/0/endPort.*90 to 65535'],
  'port-text.yaml': [ingress('{ports: [{port: "80"}]}'), '/ports/0/port.*without quotes'],
  'port-zero.yaml': [ingress('{ports: [{port: 0}]}'), '/ports/0/port.*1 to 65535'],
  'protocol.yaml': [ingress('{ports: [{protocol: HTTP, port: 80}]}'), '/ports/0/protocol.*TCP, UDP or SCTP'],
  'types.yaml': [policy('{podSelector: {}, policyTypes: [ingress]}'), '/spec/policyTypes/0.*`Ingress` or `Egress`'],
  'operator.yaml': [
    policy('{podSelector: {matchExpressions: [{key: a, operator: Is, values: [b]}]}}'),
    '/spec/podSelector/matchExpressions/0/operator.*In, NotIn',
  ],
  'no-values.yaml': [
    policy('{podSelector: {matchExpressions: [{key: a, operator: In}]}}'),
    'matchExpressions/0/values.*at least one',
  ],
  'label-key.yaml': [policy('{podSelector: {matchLabels: {"-a": b}}}'), '/spec/podSelector/matchLabels/-a.*label key'],
  'misspelt.yaml': [ingress('{form: [{podSelector: {}}]}'), '/spec/ingress/0/form.*unknown field'],
};

describe('a folder with twenty-eight broken manifests beside a good one', () => {
  let dir = '';
  let snapshot: CompiledSnapshot;
  /** Everything that was said, one line each, with the file it is about. */
  const said: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'atlas-bad-'));
    await writeFile(join(dir, 'good.yaml'), GOOD);
    await symlink('/etc', join(dir, 'outside'));
    for (const [name, [text]] of Object.entries(BROKEN)) {
      // Names differ from file to file, so that no object hides another.
      await writeFile(join(dir, name), text.replaceAll('name: broken', `name: ${name.replace('.yaml', '')}`));
    }
    const { facts, problems } = manifestFacts(await readManifests({ dir }));
    snapshot = compileSnapshot(facts);
    for (const problem of problems) {
      said.push(
        `${problem.file ?? ''}: line ${problem.line ?? ''} ${problem.object ?? ''} ${problem.pointer ?? ''}: ${problem.message}`,
      );
    }
    for (const { object, pointer, message } of snapshot.diagnostics) {
      said.push(`${object?.name ?? ''}.yaml: ${object?.kind ?? ''} ${pointer}: ${message}`);
    }
  });

  afterAll(() => rm(dir, { recursive: true, force: true }));

  it.each(Object.entries(BROKEN))('says precisely what is wrong with %s', (name, [, words]) => {
    const mine = said.filter((line) => line.startsWith(`${name}: `)).join('\n');
    expect(mine).toMatch(new RegExp(words, 'i'));
  });

  it('does not follow a link out of the folder', () => {
    expect(said.filter((line) => line.includes('outside')).join('\n')).toMatch(/outside/);
  });

  it.each([
    [5432, 'allowed'],
    [5433, 'denied'],
  ])('still answers for what is good: port %i is %s', (port, verdict) => {
    const from = parsePeer('shop/web');
    const to = parsePeer('shop/db');
    if ('error' in from || 'error' in to) throw new Error('a peer that should be read was not');
    const result = ask(snapshot, { source: from.peer, destination: to.peer, protocol: 6, port });
    expect(result.type === 'answer' ? result.answer.intended.verdict : result.error.message).toBe(verdict);
  });
});
