import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { finish } from '../base/index.js';
import { factsOf, rawPod } from '../testing/index.js';
import { ask } from './ask.js';
import { openConnections } from './list/index.js';
import { SEES_ALL, type Sees } from './visibility.js';

const service = (name: string, spec: object): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'n' },
  spec,
});
const ports = [{ port: 80 }];
/** A pod that runs and is not ready. */
const slow = {
  ...(rawPod('n/slow', { labels: { app: 'web' } }) as object),
  status: { phase: 'Running', podIP: '10.0.0.2', conditions: [{ type: 'Ready', status: 'False' }] },
};

describe('a Service as a source (SVC-11)', () => {
  const snapshot = compileSnapshot(
    factsOf(
      rawPod('n/web', { labels: { app: 'web' }, ip: '10.0.0.1' }),
      slow,
      rawPod('n/db', { labels: { app: 'db' }, ip: '10.0.0.3' }),
      service('web', { selector: { app: 'web' }, ports }),
      service('alias', { type: 'ExternalName', externalName: 'web.n.svc.cluster.local' }),
      service('away', { type: 'ExternalName', externalName: 'example.com' }),
      service('empty', { selector: { app: 'gone' }, ports }),
      service('loop', { type: 'ExternalName', externalName: 'loop.n.svc.cluster.local' }),
    ),
    {},
  );
  const destination = { type: 'pod', namespace: 'n', name: 'db' } as const;
  const asked = (name: string, sees: Sees = SEES_ALL) =>
    ask(snapshot, { source: { type: 'service', namespace: 'n', name }, destination, protocol: TCP, port: 5432 }, sees);
  const said = (name: string): string => {
    const result = asked(name);
    return result.type === 'answer' ? result.answer.verdict : result.error.message;
  };

  it('stands for the endpoints behind it, ready or not, and an alias for those of what it names', () => {
    for (const name of ['web', 'alias']) {
      const result = asked(name);
      expect(result).toMatchObject({ answer: { verdict: 'allowed', source: { endpoints: 2 } } });
      expect(result).toMatchObject({
        answer: { assumptions: expect.arrayContaining([expect.stringMatching(/opens no connections/)]) },
      });
    }
  });

  it('is not found where nobody is behind it, with what to ask instead', () => {
    expect(said('empty')).toBe('Service `n/empty` has no pods: it opens no connections itself, they do');
    expect(said('away')).toBe(
      'Service `n/away` is an alias of example.com and has no pods: ask about `host:example.com`',
    );
    expect(said('loop')).toBe('Service `n/loop` is an alias that leads to itself');
    const source = { type: 'service', namespace: 'n', name: 'away' } as const;
    const list = finish(
      openConnections(snapshot, {
        ...{ by: 'pod', reading: 'intended', verdict: 'allow', focus: [], outside: false, nodes: false },
        ...{ source, destination: null, protocol: null, ports: null },
      }),
    );
    expect(list).toMatchObject({ error: { code: 'ENDPOINT_NOT_FOUND', side: 'source' } });
  });
});
