import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import type { Diagnostic } from '../model/index.js';
import { CALICO_CNI, factsOf, namedPeer, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { ask } from './ask.js';
import { diagnosticsIn } from './diagnostics-in.js';

const diagnostic = (code: string, namespace: string | null): Diagnostic => ({
  class: 'error',
  code,
  message: 'made up',
  pointer: '',
  object: namespace === null ? null : { group: '', kind: 'Pod', namespace, name: code },
});

describe('diagnostics of namespaces', () => {
  it('come in the order of the list, and the list is gone through once', () => {
    let passes = 0;
    const list = new Proxy(
      [diagnostic('1', 'b'), diagnostic('2', ''), diagnostic('3', 'c'), diagnostic('4', null), diagnostic('5', 'a')],
      {
        get: (target, key) => {
          if (key === 'entries' || key === 'filter' || key === 'forEach') passes++;
          return Reflect.get(target, key) as unknown;
        },
      },
    );
    const codes = (...namespaces: readonly string[]): string[] =>
      diagnosticsIn(list, namespaces).map(({ code }) => code);
    expect([codes('a', '', 'b'), codes('c', 'd'), codes()]).toEqual([['1', '2', '5'], ['3'], []]);
    expect(passes).toBe(1);
  });

  it('are those that an answer tells of, where a namespace has them that the flow touches', () => {
    const namespaces = ['from', 'to', 'else'];
    const snapshot = compileSnapshot(
      factsOf(
        ...namespaces.map((name) => rawNamespace(name)),
        ...namespaces.map((name, n) => rawPod(`${name}/pod`, { ip: `10.0.0.${n + 1}` })),
        ...namespaces.map((name) => rawNetworkPolicy(`${name}/odd`, { podSelector: {}, ingress: [{ from: [{}] }] })),
      ),
      { cni: CALICO_CNI },
    );
    const found = (from: string, to: string): readonly unknown[] => {
      const [source, destination] = [namedPeer(`${from}/pod`), namedPeer(`${to}/pod`)];
      const result = ask(snapshot, { source, destination, protocol: TCP, port: 80 });
      if (result.type === 'notFound') return [];
      return [...new Set(result.answer.diagnostics.map(({ object }) => object?.namespace))].sort();
    };
    expect([found('from', 'to'), found('else', 'else')]).toEqual([['from', 'to'], ['else']]);
  });
});
