import { describe, expect, it } from '@jest/globals';
import { finish } from '../base/index.js';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, namedPeer, rawNamespace, rawPod } from '../testing/index.js';
import { ask } from './ask.js';
import { openConnections } from './list/index.js';
import { verdictOf } from './verdict-of.js';

function snapshotWith(
  annotations: Readonly<Record<string, string>>,
  backends: number,
  cni: 'cilium' | 'calico' = 'cilium',
): CompiledSnapshot {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'shop', annotations },
    spec: { clusterIP: '10.96.0.1', selector: { app: 'db' }, ports: [{ port: 5432 }] },
  };
  const pods = Array.from({ length: backends }, (_, index) =>
    rawPod(`shop/db-${String(index)}`, { labels: { app: 'db' }, ip: `10.0.1.${String(index + 1)}` }),
  );
  const web = rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.1' });
  const known = knownCni(cni);
  const facts = factsOf(rawNamespace('shop'), web, service, ...pods);
  return compileSnapshot(facts, { cni: { ...known, networking: cni } });
}

function asked(...state: Parameters<typeof snapshotWith>) {
  const snapshot = snapshotWith(...state);
  const question = {
    source: namedPeer('shop/web'),
    destination: namedPeer('service:shop/db'),
    protocol: TCP,
    port: 5432,
  };
  const result = ask(snapshot, question);
  const alone = verdictOf(snapshot, question, 'enforced');
  if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
  expect(alone.verdict).toBe(result.answer.verdict);
  return result.answer;
}

/** How many clients a list has for the Service. */
function listed(verdict: 'allow' | 'unknown', annotations: Readonly<Record<string, string>>): number {
  const opened = finish(
    openConnections(snapshotWith(annotations, 2), {
      verdict,
      ...{ by: 'pod', reading: 'enforced', focus: [], outside: false, nodes: false, protocol: TCP, ports: null },
      ...{ source: namedPeer('shop/web'), destination: namedPeer('service:shop/db') },
    }),
  );
  if ('error' in opened) throw new Error(opened.error.message);
  return [...opened.found.rows()].flatMap((rows) => rows ?? []).length;
}

const GLOBAL = { 'service.cilium.io/global': 'true' };
const LOCAL = { ...GLOBAL, 'service.cilium.io/affinity': 'local' };
const elsewhere = expect.stringContaining('what others have of it is not judged here');

describe('a Service of ClusterMesh that is global', () => {
  it('is undetermined where no endpoint is ready here, since other clusters may have some', () => {
    expect(asked(GLOBAL, 0)).toMatchObject({ verdict: 'undetermined', reason: 'ADDRESS_UNKNOWN' });
    expect(asked(LOCAL, 0).verdict).toBe('undetermined');
    expect(asked({ 'io.cilium/global-service': 'true' }, 0).verdict).toBe('undetermined');
  });

  it('is judged by the endpoints here, and says that there may be others unless clients stay local', () => {
    const answer = asked(GLOBAL, 2);
    expect(answer.verdict).toBe('allowed');
    expect(answer.assumptions).toContainEqual(elsewhere);
    expect(asked(LOCAL, 2).assumptions).not.toContainEqual(elsewhere);
  });

  it('is undetermined where other clusters answer first (SVC-12)', () => {
    const remote = asked({ ...GLOBAL, 'service.cilium.io/affinity': 'remote' }, 2);
    expect(remote).toMatchObject({ verdict: 'undetermined', reason: 'ADDRESS_UNKNOWN' });
    expect(remote.summary).toContain('affinity is remote');
    expect(asked({ 'service.cilium.io/affinity': 'remote' }, 2).verdict).toBe('allowed');
    expect(asked({ ...GLOBAL, 'service.cilium.io/affinity': 'none' }, 2).verdict).toBe('allowed');
  });

  it('is in lists what answers say of it', () => {
    const remote = { ...GLOBAL, 'service.cilium.io/affinity': 'remote' };
    expect([listed('allow', remote), listed('unknown', remote)]).toEqual([0, 2]);
    expect([listed('allow', GLOBAL), listed('unknown', GLOBAL)]).toEqual([2, 0]);
  });

  it('is no other than any where it is not global, or the plugin knows nothing of that', () => {
    for (const answer of [
      asked({}, 0),
      asked({ 'service.cilium.io/global': 'false' }, 0),
      asked(GLOBAL, 0, 'calico'),
    ]) {
      expect(answer).toMatchObject({ verdict: 'denied', reason: 'SERVICE_WITHOUT_READY_ENDPOINTS' });
    }
    expect(asked(GLOBAL, 1, 'calico').assumptions).not.toContainEqual(elsewhere);
  });
});

describe('a name of a set of clusters (SVC-14)', () => {
  const alias = (name: string, externalName: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { type: 'ExternalName', externalName },
  });
  const aliases = [
    alias('alias', 'db.shop.svc.clusterset.local'),
    // The API server takes a name with a dot at its end, too.
    alias('dotted', 'db.shop.svc.clusterset.local.'),
  ];
  const told = (to: string) => {
    const web = rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.1' });
    const snapshot = compileSnapshot(factsOf(rawNamespace('shop'), web, ...aliases));
    const question = { source: namedPeer('shop/web'), destination: namedPeer(to), protocol: TCP, port: 5432 };
    const result = ask(snapshot, question);
    const alone = verdictOf(snapshot, question, 'enforced');
    if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
    return { verdict: result.answer.verdict, alone: alone.verdict, summary: result.answer.summary };
  };

  it('is undetermined, by itself and behind an alias, as its endpoints are not read', () => {
    for (const to of ['host:db.shop.svc.clusterset.local', 'service:shop/alias', 'service:shop/dotted'])
      expect(told(to)).toMatchObject({ verdict: 'undetermined', alone: 'undetermined' });
    expect(told('host:db.shop.svc.clusterset.local').summary).toContain('which endpoints of which clusters');
    expect(told('host:db.shop.example.org').verdict).toBe('allowed');
  });
});
