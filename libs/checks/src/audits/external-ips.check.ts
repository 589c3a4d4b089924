import { objectLabel } from '#engine';

import { REFERENCES } from '../context/sources.js';
import { defineCheck } from '../define-check.js';
import { operatorTask } from '../fix/make-fix.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** BYP-07. */
export const check = defineCheck({
  id: 'external-ips',
  number: 'BYP-07',
  area: 'bypass',
  core: false,
  title: 'a Service takes addresses that nobody has given it',
  description:
    'Finds Services with external addresses of their own choice: whoever may write a Service can draw traffic for such an address to pods of theirs (CVE-2020-8554), whatever policy says of the address.',
  remediation: 'Use a Service of type LoadBalancer, and refuse external addresses at admission.',
  severity: 'medium',
  confidence: 'certain',
  scope: 'workload',
  reads: 'compiled',
  needs: ['Service'],
  compliance: ['SC-7'],
  references: ['https://github.com/kubernetes/kubernetes/issues/97076', REFERENCES.service],
  run(context) {
    const services = [...context.snapshot.index.services.values()];
    const findings = services
      .filter(({ externalIps }) => externalIps.length > 0)
      .map(({ meta, externalIps }): FindingDraft => {
        const { group, kind, namespace, name } = meta;
        return {
          title: `${objectLabel(meta)} takes ${externalIps.join(', ')}`,
          scope: 'workload',
          object: { group, kind, namespace, name },
          evidence: [{ what: 'external addresses', value: externalIps.join(', ') }],
          counterexample: null,
          fix: operatorTask(
            `take the external addresses out of ${objectLabel(meta)}`,
            'clients of these addresses need another way in first',
          ),
        };
      });
    return conclude({ examined: services.length, findings, nothing: 'there are no Services' });
  },
});
