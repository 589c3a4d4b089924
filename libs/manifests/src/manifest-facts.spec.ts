import { describe, expect, it } from '@jest/globals';

import { manifestFacts } from './manifest-facts.js';
import { readManifests } from './read-manifests.js';

async function facts(...texts: string[]) {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, bytes: Buffer.from(text) }));
  return manifestFacts(await readManifests({ files }));
}
const pod = (name: string, extra = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: shop\n${extra}`;

describe('manifestFacts', () => {
  it('adds a namespace that is named but not declared, with its name label', async () => {
    const result = await facts(pod('web'));
    expect(result.facts.map(({ type, meta }) => [type, meta.name])).toEqual([
      ['pod', 'web'],
      ['namespace', 'shop'],
    ]);
    expect({ ...result.facts[1]?.meta.labels }).toEqual({ 'kubernetes.io/metadata.name': 'shop' });
  });

  it('lets the last of two declarations count and names both places', async () => {
    const result = await facts(
      pod('web', '  labels: {v: one}\n'),
      `${pod('api')}---\n${pod('web', '  labels: {v: two}\n')}`,
    );
    const web = result.facts.find(({ meta }) => meta.name === 'web');
    expect({ ...web?.meta.labels }).toEqual({ v: 'two' });
    expect(result.problems).toEqual([
      {
        code: 'manifest.duplicate',
        message: 'declared before in `0.yaml` document 1; this one counts',
        file: '1.yaml',
        document: 2,
        line: 7,
        object: 'Pod shop/web',
      },
    ]);
  });

  it('names file, document, line, object and field of what cannot be normalised', async () => {
    const result = await facts(`${pod('ok')}---\n${pod('bad', '  labels:\n    a: b\n    v: 7\n')}`);
    expect(result.problems).toEqual([
      expect.objectContaining({
        file: '0.yaml',
        document: 2,
        line: 14,
        object: 'Pod shop/bad',
        pointer: '/metadata/labels/v',
      }),
    ]);
    expect(result.facts.map(({ type, meta }) => [type, meta.name])).toEqual([
      ['pod', 'ok'],
      ['rejected', 'bad'],
      ['namespace', 'shop'],
    ]);
  });

  it('reads a virtual machine as the pod that it will run in, once that pod is not there itself', async () => {
    const port = '{name: ssh, port: 22}';
    const machine =
      'apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: vm, namespace: shop}\nspec:\n  template:\n' +
      `    metadata: {labels: {app: vm}}\n    spec: {domain: {devices: {interfaces: [{name: default, ports: [${port}]}]}}}\n`;
    const launcher =
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: virt-launcher-vm\n  namespace: shop\n' +
      '  ownerReferences: [{apiVersion: kubevirt.io/v1, kind: VirtualMachineInstance, name: vm, controller: true}]\n';
    const alone = await facts(machine);
    expect(alone.problems).toEqual([]);
    expect(alone.declared).toEqual([
      expect.objectContaining({
        type: 'pod',
        meta: expect.objectContaining({
          name: 'vm',
          labels: { app: 'vm' },
          owner: { group: 'kubevirt.io', kind: 'VirtualMachine', name: 'vm', uid: '' },
        }),
        shape: expect.objectContaining({ ports: [expect.objectContaining({ name: 'ssh', port: 22 })] }),
      }),
    ]);
    const saved = await facts(machine, launcher);
    expect(saved.declared.map(({ meta }) => meta.name)).toEqual(['virt-launcher-vm']);
  });

  it('counts objects of kinds that are not kept', async () => {
    const text = 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: r}\n';
    const result = await facts(text, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: r}\n', text);
    expect(result.skipped).toEqual({
      'PodDisruptionBudget.policy': 2,
      ConfigMap: 1,
    });
    expect(result.problems).toEqual([]);
  });
});
