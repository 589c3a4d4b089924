import { compileSnapshot, declaredFacts, driftReport, objectDrift, type PolicyFact } from '#engine';
import { factsOf } from '#engine/testing';

import type { Declared } from '../context/audit-settings.js';
import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck, type CheckCase } from '../testing/test-check.js';
import { check } from './drift-from-declared.check.js';

const shop = [node(), namespace('shop'), pod('shop/db', { port: 5432 }), pod('shop/web'), pod('shop/api')];
const dbFrom = (...names: readonly string[]): unknown =>
  policy('shop/db', { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: names.map(app) }] });

/** A cluster with one policy set that another one was declared for. */
function against(name: string, live: readonly unknown[], declared: readonly unknown[]): CheckCase {
  const [before, after] = [factsOf(...shop, ...declared), factsOf(...shop, ...live)];
  const report = driftReport({
    before: compileSnapshot(before),
    after: compileSnapshot(after),
    objects: objectDrift(declaredFacts(before), declaredFacts(after)),
    reading: 'intended',
  });
  const policies = before.filter((fact): fact is PolicyFact => fact.type === 'policy');
  const settings: { readonly declared: Declared } = { declared: { name: 'git', policies, report } };
  return { name, objects: [...shop, ...live], settings };
}

testCheck(check, {
  clean: [
    against('as declared', [dbFrom('web')], [dbFrom('web')]),
    against('written otherwise, with the same meaning', [dbFrom('api', 'web')], [dbFrom('web', 'api')]),
    against('another peer, who is not there', [dbFrom('web', 'ghost')], [dbFrom('web')]),
  ],
  flagged: [
    {
      ...against('wider than declared', [dbFrom('web', 'api')], [dbFrom('web')]),
      finds: [
        {
          at: 'shop/db',
          severity: 'medium',
          title: 'NetworkPolicy shop/db is declared otherwise',
          flow: 'shop/api -> shop/db TCP 5432 allow',
          change: ['shop/api[Pod] -> shop/db[Pod] -all'],
        },
      ],
    },
    {
      ...against('declared and gone', [], [dbFrom('web')]),
      finds: [{ at: 'shop/db', title: /is declared and not there/, change: ['shop/api[Pod] -> shop/db[Pod] -all'] }],
    },
    {
      ...against('there and not declared, which cuts', [dbFrom('web')], []),
      finds: [
        { at: 'shop/db', severity: 'low', title: /is not declared/, change: ['shop/api[Pod] -> shop/db[Pod] +all'] },
      ],
    },
  ],
  undetermined: [
    { name: 'nothing is declared', objects: shop, outcome: 'skip', reason: /nothing is declared/ },
    { ...against('there is no policy', [], []), outcome: 'not-applicable', reason: /declares no policy/ },
    { name: 'pods may not be read', objects: shop, completeness: NO_PODS, outcome: 'skip', reason: /Pod could not/ },
  ],
});
