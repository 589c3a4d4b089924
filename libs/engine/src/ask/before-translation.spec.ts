import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, rawNamespace, rawPod } from '../testing/index.js';
import { ask } from './ask.js';

const at = (name: string): { namespace: string; name: string } => ({ namespace: 'shop', name });

function assumptions(clusterIP: string, engine: string): readonly string[] {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: at('db'),
    spec: { clusterIP, selector: { app: 'db' }, ports: [{ port: 5432 }] },
  };
  const pods = ['web', 'db'].map((app, index) =>
    rawPod(`shop/${app}`, { labels: { app }, ip: `10.0.0.${String(index)}` }),
  );
  const snapshot = compileSnapshot(factsOf(rawNamespace('shop'), service, ...pods), { cni: knownCni(engine) });
  const result = ask(snapshot, {
    source: { type: 'pod', ...at('web') },
    destination: { type: 'service', ...at('db') },
    protocol: TCP,
    port: 5432,
  });
  if (result.type !== 'answer') throw new Error('not found');
  return result.answer.assumptions;
}

describe('a Service whose own address is judged on the way out (SVC-26)', () => {
  const told = expect.stringContaining('at the address and port of the Service');

  it('is told of where the engine is that of Amazon', () => {
    for (const engine of ['aws-vpc-cni', 'eks-auto', 'calico+aws-vpc-cni'])
      expect(assumptions('10.96.0.1', engine)).toContainEqual(told);
    expect(assumptions('10.96.0.1', 'calico')).not.toContainEqual(told);
  });

  it('is not where it is headless, so that clients know the addresses behind it', () => {
    expect(assumptions('None', 'aws-vpc-cni')).not.toContainEqual(told);
  });
});
