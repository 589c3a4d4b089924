import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import { create } from 'tar';

import { MANIFEST_LIMITS } from './manifest-set.js';
import { readManifests } from './read-manifests.js';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\n';
const bytes = (text: string): Uint8Array => Buffer.from(text);
const readText = (text: string, path = 'a.yaml') => readManifests({ files: [{ path, bytes: bytes(text) }] });

describe('readManifests', () => {
  it('numbers documents and lines, and skips documents that only hold comments', async () => {
    const { objects, problems } = await readText(`# first\n---\n# nothing\n---\n${POD}---\n${POD}`);
    expect(problems).toEqual([]);
    expect(objects.map(({ document, line }) => [document, line])).toEqual([
      [2, 5],
      [3, 11],
    ]);
  });

  it('loads the documents around a broken one and names its file, document and line', async () => {
    const broken = 'kind: [1,\n';
    const { objects, problems } = await readText(`${POD}---\n${broken}---\n${POD}`);
    expect(objects).toHaveLength(2);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'manifest.syntax', file: 'a.yaml', document: 2, line: 7 }),
    ]);
  });

  it('reads line ends of Windows, also behind a value in braces', async () => {
    const text = `${POD}spec: {}\n---\n\n--- # next\n${POD}spec: {nodeName: a}`.replaceAll('\n', '\r\n');
    const { objects, problems } = await readText(`\uFEFF${text}`);
    expect(problems).toEqual([]);
    expect(objects.map(({ document, line }) => [document, line])).toEqual([
      [1, 1],
      [3, 10],
    ]);
  });

  it('says of a kustomization that changes objects, and of a template, that it was not applied', async () => {
    const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n';
    const template = 'apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects: []\n';
    const { problems } = await readText(`${kustomization}---\n${kustomization}namespace: shop\n---\n${template}`);
    expect(problems.map(({ document, message }) => [document, message])).toEqual([
      [
        2,
        'a kustomization that changes objects (`namespace`) is not applied, render it first, as with `kubectl kustomize`',
      ],
      [3, 'a template is not filled in, render it first, as with `oc process`'],
    ]);
  });

  it('says that tabs may not indent', async () => {
    const { problems } = await readText('kind: Pod\nmetadata:\n\tname: x\n');
    expect(problems[0]).toMatchObject({ code: 'manifest.syntax', line: 3 });
    expect(problems[0]?.message).toContain('tabs may not indent');
  });

  it('refuses a key that is given twice, with its place', async () => {
    const { objects, problems } = await readText(`${POD}spec:\n  nodeName: a\n  nodeName: b\n`);
    expect(objects).toEqual([]);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'manifest.duplicate_key', line: 8, pointer: '/spec/nodeName' }),
    ]);
  });

  it('refuses an alias bomb without expanding it', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 10; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    const { objects, problems } = await readText(lines.join('\n'));
    expect(objects).toEqual([]);
    expect(problems[0]?.code).toBe('manifest.alias_limit');
  });

  it.each([
    ['yaml', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`, 'a.yaml'],
    ['json', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'a.json'],
  ])('refuses %s that is nested too deeply', async (_name, text, path) => {
    const { problems } = await readText(text, path);
    expect(problems[0]?.code).toBe('manifest.too_deep');
  });

  it('points to templates that were not rendered', async () => {
    const { problems } = await readText('metadata:\n  labels: {{ include "x" . }}\n  b: {{ end }}: x\n');
    expect(problems[0]?.message).toContain('helm template');
  });

  it('reads anchors, merge keys and the old booleans as Kubernetes does', async () => {
    const text = `${POD}x: &x\n  a: 1\ny:\n  <<: *x\n  on: yes\n  off: "no"\n`;
    const { objects } = await readText(text);
    expect(objects[0]?.raw).toMatchObject({ y: { a: 1, true: true, false: 'no' } });
  });

  it('says of a value that begins with an exclamation mark that it is a tag, and how to write it', async () => {
    const policy = (selector: string): string =>
      `apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: a}\nspec:\n  selector: ${selector}\n`;
    const { objects, problems } = await readText(
      [policy('!has(app)  # no app'), policy(`!has(app) && a == "b"`), policy('"!has(app)"'), POD].join('---\n'),
    );
    expect(objects.map(({ raw }) => (raw as { spec?: unknown }).spec)).toEqual([
      { selector: '' },
      { selector: 'a == "b"' },
      { selector: '!has(app)' },
      undefined,
    ]);
    const tag = '`!has(app)` is a YAML tag here and no part of the value; quote the value: ';
    expect(problems).toEqual([
      { code: 'manifest.tag', file: 'a.yaml', document: 1, line: 5, message: `${tag}\`"!has(app)"\`` },
      { code: 'manifest.tag', file: 'a.yaml', document: 2, line: 11, message: `${tag}\`'!has(app) && a == "b"'\`` },
    ]);
    expect(await readText('Resources: !Ref a\n')).toEqual({
      objects: [],
      problems: [expect.not.objectContaining({ code: 'manifest.tag' })],
    });
    const either = await readText(policy('!has(app) || all()'));
    expect(either.problems).toEqual([
      expect.objectContaining({ code: 'manifest.syntax', line: 5, message: `${tag}\`"!has(app) || all()"\`` }),
    ]);
  });

  it('keeps a key named __proto__ as data', async () => {
    const { objects } = await readText(`${POD}spec:\n  __proto__:\n    polluted: true\n`);
    expect(objects).toHaveLength(1);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('expands lists of any kind and names the item that is wrong', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
        7,
        { kind: 'Pod', metadata: { name: 'b', namespace: 'n' } },
        { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'c' } }] },
      ],
    };
    const { objects, problems } = await readText(JSON.stringify(list, null, 2), 'all.json');
    expect(objects.map(({ raw, pointer }) => [(raw as { kind: string }).kind, pointer])).toEqual([
      ['Pod', '/items/0'],
      ['Pod', '/items/3/items/0'],
    ]);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'manifest.not_an_object', pointer: '/items/1', line: 12 }),
      expect.objectContaining({ code: 'manifest.not_an_object', pointer: '/items/2', object: 'Pod n/b' }),
    ]);
  });

  it('reads a plain list of objects, and YAML in a file that is named .json', async () => {
    const { objects, problems } = await readText(
      '- apiVersion: v1\n  kind: Pod\n- apiVersion: v1\n  kind: Node\n',
      'a.json',
    );
    expect(problems).toEqual([]);
    expect(objects.map(({ pointer, line }) => [pointer, line])).toEqual([
      ['/0', 1],
      ['/1', 3],
    ]);
  });

  it('reads JSON objects behind each other, and names the line where one is broken', async () => {
    const one = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}';
    const { objects, problems } = await readText(`${one}\n${one}\n{"a": nope}\n{"b":1,"b":2}\n`, 'a.json');
    expect(objects).toHaveLength(2);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'manifest.syntax', document: 3, line: 3 }),
      expect.objectContaining({ code: 'manifest.duplicate_key', document: 4, line: 4, pointer: '/b' }),
    ]);
  });

  it('names the end of JSON that was cut off', async () => {
    const { problems } = await readText('{\n"kind": "Pod",\n', 'a.json');
    expect(problems[0]).toMatchObject({ code: 'manifest.syntax', line: 3 });
    expect(problems[0]?.message).toContain('ends too early');
  });

  it('refuses what is not UTF-8 and keeps the rest', async () => {
    const files = [
      { path: 'a.yaml', bytes: new Uint8Array([0xff, 0xfe, 0x61, 0]) },
      { path: 'b.yaml', bytes: bytes(`\uFEFF${POD}`) },
    ];
    const { objects, problems } = await readManifests({ files });
    expect(objects).toHaveLength(1);
    expect(problems).toEqual([expect.objectContaining({ code: 'manifest.encoding', file: 'a.yaml' })]);
  });

  it('finds the line of a field inside an object, also behind a list', async () => {
    const text = 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    a:\n    - b: 1\n';
    const { objects } = await readText(text);
    expect([objects[0]?.line, objects[0]?.lineOf('/spec/a/0/b'), objects[0]?.lineOf('/spec/x')]).toEqual([4, 8, 6]);
  });
});

describe('readManifests of folders', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-manifests-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('reads in order of path, leaves hidden files out, and stays inside the folder', async () => {
    const root = join(folder, 'in');
    await mkdir(join(root, '..data', 'deep'), { recursive: true });
    await mkdir(join(root, 'sub'));
    await writeFile(join(folder, 'secret.yaml'), POD);
    await writeFile(join(root, '..data', 'mounted.yaml'), POD);
    await writeFile(join(root, 'sub', 'b.yml'), POD);
    await writeFile(join(root, 'notes.txt'), 'x');
    await symlink(join(root, '..data', 'mounted.yaml'), join(root, 'mounted.yaml'));
    await symlink(join(folder, 'secret.yaml'), join(root, 'out.yaml'));
    await symlink(root, join(root, 'sub', 'loop'));
    const { objects, problems } = await readManifests({ dir: root });
    expect(objects.map(({ file }) => file)).toEqual(['mounted.yaml', 'sub/b.yml']);
    expect(problems).toEqual([expect.objectContaining({ code: 'manifest.link_outside', file: 'out.yaml' })]);
  });

  it('reads a single file, and says when a folder holds none or is not there', async () => {
    await writeFile(join(folder, 'one.yaml'), POD);
    expect((await readManifests({ dir: join(folder, 'one.yaml') })).objects).toHaveLength(1);
    await mkdir(join(folder, 'empty'));
    expect((await readManifests({ dir: join(folder, 'empty') })).problems[0]?.code).toBe('manifest.none');
    await expect(readManifests({ dir: join(folder, 'gone') })).rejects.toMatchObject({
      code: 'cluster.source_invalid',
      message: expect.stringContaining('it does not exist') as unknown,
    });
  });

  it('reads tar, gzipped tar and zip alike, whatever the content type says', async () => {
    await mkdir(join(folder, 'm', 'sub'), { recursive: true });
    await writeFile(join(folder, 'm', 'a.yaml'), POD);
    await writeFile(join(folder, 'm', 'sub', 'b.json'), '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}');
    await symlink('/etc/passwd', join(folder, 'm', 'link.yaml'));
    const tgz = join(folder, 'm.tgz');
    await create({ gzip: true, file: tgz, cwd: folder }, ['m']);
    const fromTgz = await readManifests({ archive: tgz });
    expect(fromTgz.objects.map(({ file }) => file)).toEqual(['m/a.yaml', 'm/sub/b.json']);
    expect(fromTgz.problems).toEqual([expect.objectContaining({ code: 'manifest.link_outside', file: 'm/link.yaml' })]);
    const zip = zipSync({ 'x/a.yaml': bytes(POD), 'x/read.me': bytes('no') });
    const fromZip = await readManifests({ bytes: zip, contentType: 'application/octet-stream' });
    expect(fromZip.objects.map(({ file }) => file)).toEqual(['x/a.yaml']);
    const fromGzip = await readManifests({ bytes: gzipSync(POD), contentType: 'application/gzip' });
    expect(fromGzip.objects).toHaveLength(1);
  });

  it('loads what lies before the cut of a damaged archive', async () => {
    await writeFile(join(folder, 'a.yaml'), POD);
    await writeFile(join(folder, 'b.yaml'), `# ${'x'.repeat(20_000)}\n${POD}`);
    const tar = join(folder, 'all.tar');
    await create({ file: tar, cwd: folder }, ['a.yaml', 'b.yaml']);
    const { readFile } = await import('node:fs/promises');
    const whole = await readFile(tar);
    const cut = await readManifests({ archive: whole.subarray(0, 4096) });
    expect(cut.objects.map(({ file }) => file)).toEqual(['a.yaml']);
    expect(cut.problems[0]?.code).toBe('manifest.archive');
    const gzip = gzipSync(whole, { level: 0 });
    const cutGzip = await readManifests({ archive: gzip.subarray(0, 4096) });
    expect(cutGzip.objects.map(({ file }) => file)).toEqual(['a.yaml']);
  });

  it('refuses an archive that unpacks to too much', async () => {
    const limits = { ...MANIFEST_LIMITS, totalBytes: 10_000, fileBytes: 5_000 };
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    await expect(readManifests({ archive: bomb }, limits)).rejects.toMatchObject({ code: 'upload.too_large' });
    const zip = zipSync({ 'big.yaml': Buffer.alloc(100_000, 'a'), 'ok.yaml': bytes(POD) });
    const { objects, problems } = await readManifests({ archive: zip }, limits);
    expect(objects.map(({ file }) => file)).toEqual(['ok.yaml']);
    expect(problems[0]).toMatchObject({ code: 'manifest.too_large', file: 'big.yaml' });
  });

  it.each([
    ['garbage that calls itself zip', Buffer.from('PK\u0003\u0004nonsense')],
    ['plain text', Buffer.from('hello')],
    ['broken gzip', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8])],
  ])('refuses %s', async (_name, archive) => {
    await expect(readManifests({ archive })).rejects.toMatchObject({ code: 'upload.unsupported' });
  });
});
