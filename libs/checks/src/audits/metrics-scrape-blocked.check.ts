import { objectLabel, TCP } from '#engine';

import { nameObjects } from '../context/audit-context.js';
import { scrapersOf, scrapeTargets } from '../context/scrapers.js';
import { PODS_AND_POLICIES, REFERENCES } from '../context/sources.js';
import { workloadRef } from '../context/workload-view.js';
import { defineCheck } from '../define-check.js';
import { allowFlow } from '../fix/allow-flow.js';
import { conclude, type FindingDraft } from '../model/finding.js';

/** DEP-06. */
export const check = defineCheck({
  id: 'metrics-scrape-blocked',
  number: 'DEP-06',
  area: 'dependencies',
  core: false,
  title: 'what collects metrics may not reach pods that show them',
  description:
    'Takes pods that ask to be scraped by annotation, or that name a port for metrics, and asks whether the pods of the monitoring system, known by their labels, may reach that port. Finds workloads that none of them may reach.',
  remediation: 'Admit the pods of the monitoring system on the port of the metrics.',
  severity: 'medium',
  confidence: 'likely',
  scope: 'workload',
  reads: 'compiled',
  needs: PODS_AND_POLICIES,
  compliance: [],
  references: [
    'https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config',
    REFERENCES.concepts,
  ],
  run(context) {
    const targets = scrapeTargets(context, context.pods);
    if (targets.length === 0) return { outcome: 'not-applicable', reason: 'no pod asks to be scraped' };
    const scrapers = scrapersOf(context);
    const [first] = scrapers;
    if (first === undefined) return { outcome: 'skip', reason: 'no pod is known by its labels to collect metrics' };
    const found = new Map<string, FindingDraft>();
    for (const { pod, port, because } of targets) {
      const ref = workloadRef(pod);
      const key = `${objectLabel(ref)} ${port}`;
      if (found.has(key) || scrapers.some((scraper) => context.verdict(scraper, pod, TCP, port) !== 'deny')) continue;
      found.set(key, {
        title: `metrics of ${objectLabel(ref)} on port ${port} may not be collected`,
        scope: 'workload',
        object: ref,
        pointer: `port ${port}`,
        evidence: [
          { what: 'asks to be scraped by', value: because },
          { what: 'collects metrics', value: nameObjects(scrapers.map(workloadRef)) },
        ],
        counterexample: context.flow(first, pod, TCP, port),
        fix: allowFlow(context, first, pod, { protocol: TCP, port }),
      });
    }
    return conclude({ examined: targets.length, findings: [...found.values()], nothing: 'no pod asks to be scraped' });
  },
});
