import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../../compile/index.js';
import { factsOf, rawNamespace, rawPod } from '../../testing/index.js';
import { exposures } from './exposure-view.js';

/** What rules of Calico that choose pods by `source` open at the one pod. */
function openTo(...sources: readonly object[]): readonly unknown[] {
  const ingress = sources.map((source, i) => ({
    action: 'Allow',
    protocol: 'TCP',
    source,
    destination: { ports: [80 + i] },
  }));
  const policy = {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'in' },
    spec: { selector: "app == 'web'", types: ['Ingress'], ingress },
  };
  const world = [rawNamespace('shop', {}), rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.2' }), policy];
  const snapshot = compileSnapshot(factsOf(...world));
  return [...exposures(snapshot, 'intended', () => true)].flatMap((row) => row?.fromSelected ?? []);
}

describe('what a workload is open to by label', () => {
  it('tells rules that choose either of two labels, too', () => {
    expect(openTo({ selector: "(app == 'a' || role == 'b') && !has(old)" }, { selector: 'has(zone)' })).toEqual([
      { selector: 'namespace shop and pod has zone', connections: 'TCP 81' },
      { selector: 'namespace shop and pod has no old and (pod app=a or pod role=b)', connections: 'TCP 80' },
    ]);
  });

  it('takes a value of any characters', () => {
    expect(openTo({ selector: "app == '] ['", namespaceSelector: "team == 'red'" })).toEqual([
      { selector: 'namespace team=red and pod app=] [', connections: 'TCP 80' },
    ]);
  });
});
