import { Inject, Injectable } from '@nestjs/common';
import { AppError, type MetricsSourceInput } from '#contracts';
import { PrometheusSource } from '#prometheus';
import { ClusterRepository, MetricsSourceRepository, type MetricsSourceRecord } from '#store';

/** A cluster's metrics source with what it answered just now. */
export interface MetricsSourceStatus extends MetricsSourceRecord {
  /** '' when it answers, else why it does not. */
  readonly problem: string;
}

/** Where the metrics of clusters are. */
@Injectable()
export class MetricsSources {
  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(MetricsSourceRepository) private readonly sources: MetricsSourceRepository,
  ) {}

  /**
   * Sets a cluster's source, whether it answers or not: what it says is told.
   * @throws AppError `cluster.not_found`, `cluster.credentials_invalid`
   */
  async set(clusterRef: string, input: MetricsSourceInput): Promise<MetricsSourceStatus> {
    const { id } = await this.clusters.get(clusterRef);
    const { url, tenant = null, timeoutMs, ...credentials } = input;
    const record = await this.sources.set(id, { url, tenant, timeoutMs, credentials });
    return { ...record, problem: await this.probe(id) };
  }

  /** @throws AppError `cluster.not_found`, `not_found` */
  async get(clusterRef: string): Promise<MetricsSourceStatus> {
    const { id, name } = await this.clusters.get(clusterRef);
    const record = await this.sources.get(id);
    if (record === null) throw notSet(name);
    return { ...record, problem: await this.probe(id) };
  }

  /** @throws AppError `cluster.not_found`, `not_found` */
  async remove(clusterRef: string): Promise<void> {
    const { id, name } = await this.clusters.get(clusterRef);
    if (!(await this.sources.remove(id))) throw notSet(name);
  }

  /** The cluster's source, to be closed after use; null when it has none. @throws AppError `cluster.credentials_invalid` */
  async open(clusterId: string): Promise<PrometheusSource | null> {
    const source = await this.sources.open(clusterId);
    if (source === null) return null;
    const { url, tenant, timeoutMs, credentials } = source;
    return new PrometheusSource({ url, timeoutMs, ...credentials, ...(tenant === null ? {} : { tenant }) });
  }

  private async probe(clusterId: string): Promise<string> {
    const source = await this.open(clusterId);
    if (source === null) return '';
    try {
      const answer = await source.instant('vector(1)', new Date());
      return answer.type === 'unavailable' ? answer.reason : '';
    } finally {
      await source.close();
    }
  }
}

function notSet(cluster: string): AppError {
  return new AppError('not_found', `cluster \`${cluster}\` has no metrics source, set one`);
}
