import type { Endpoint } from '#engine';

import type { AuditContext } from './audit-context.js';
import { workloadRef } from './workload-view.js';

const SCRAPERS: ReadonlySet<string> = new Set(['prometheus', 'vmagent', 'grafana-agent', 'alloy']);
const SCRAPE = 'prometheus.io/scrape';
const SCRAPE_PORT = 'prometheus.io/port';
/** Names that ports of metrics usually have. */
const METRICS_PORT = /^(http-)?metrics$|-metrics$/;

/** A port at which a pod shows its metrics. */
export interface ScrapeTarget {
  readonly pod: Endpoint;
  readonly port: number;
  /** What says so. */
  readonly because: string;
}

/** The pods that collect metrics, as far as their labels or their workload's name say so. */
export function scrapersOf({ pods }: AuditContext): readonly Endpoint[] {
  return pods.filter((pod) => {
    const { labels } = pod;
    const names = [labels['app.kubernetes.io/name'], labels['app'], workloadRef(pod).name];
    return names.some((name) => name !== undefined && SCRAPERS.has(name));
  });
}

/** Pods of some that ask to be scraped by annotation, else by the name of a port. */
export function scrapeTargets(context: AuditContext, pods: readonly Endpoint[]): readonly ScrapeTarget[] {
  return pods.flatMap((pod): readonly ScrapeTarget[] => {
    const annotations = context.shapeOf(pod)?.annotations ?? {};
    const wanted = Number(annotations[SCRAPE_PORT]);
    const named = pod.ports.find(({ name }) => METRICS_PORT.test(name))?.port;
    if (annotations[SCRAPE] === 'true') {
      const port = Number.isInteger(wanted) && wanted > 0 && wanted < 65_536 ? wanted : (named ?? pod.ports[0]?.port);
      return port === undefined ? [] : [{ pod, port, because: `annotation ${SCRAPE}` }];
    }
    if (named === undefined || annotations[SCRAPE] === 'false') return [];
    return [{ pod, port: named, because: 'a port that is named for metrics' }];
  });
}
