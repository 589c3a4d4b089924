import { createServer, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { LOG, Metrics, type Log } from '#telemetry';

/** Serves /metrics on a port of its own when one is configured, so that it can be kept from the callers of the API. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, host } = this.config.http;
    if (metricsPort === null) return;
    const server = createServer((request, response) => {
      void this.answer(request.url ?? '', response);
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(metricsPort, host, resolve);
    });
    this.log.info('metrics are served', { host, port: metricsPort });
  }

  async onApplicationShutdown(): Promise<void> {
    const server = this.server;
    if (server === null) return;
    await new Promise((resolve) => server.close(resolve));
    this.server = null;
  }

  private async answer(url: string, response: ServerResponse): Promise<void> {
    if (url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = await this.metrics.text();
      response.writeHead(200, { 'content-type': this.metrics.contentType }).end(text);
    } catch (error) {
      this.log.error('metrics failed', { error });
      response.writeHead(500).end();
    }
  }
}
