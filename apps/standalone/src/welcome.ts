import type { ClusterRecord } from '#store';

import { SAMPLE_CLUSTERS } from './sample-inventory.js';

/** What a question can be asked about: the sample, other clusters, or nothing yet. */
export interface WelcomeFacts {
  /** Address of the server, without a slash at the end. */
  readonly url: string;
  readonly clusters: readonly ClusterRecord[];
  readonly sampleAdded: boolean;
  readonly seconds: number;
}

/** What is told once the service is ready: where everything is, and something to try. */
export function welcome({ url, clusters, sampleAdded, seconds }: WelcomeFacts): string {
  const lines = [
    '',
    `Netpol Atlas is ready after ${seconds.toFixed(1)} s`,
    '',
    `  REST               ${url}/api/v1`,
    `  its documentation  ${url}/docs`,
    `  GraphQL explorer   ${url}/graphiql`,
    `  health, metrics    ${url}/readyz  ${url}/metrics`,
    '',
    ...(sampleAdded ? [`  Two sample clusters were added: ${SAMPLE_CLUSTERS.join(', ')}`, ''] : []),
    ...suggestion(url, new Set(clusters.map((cluster) => cluster.name))),
    '',
    '  Ctrl-C stops it; what is stored stays.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function suggestion(url: string, names: ReadonlySet<string>): string[] {
  if (names.has('shop-calico')) {
    const question = { cluster: 'shop-calico', from: 'shop/api', to: 'service:payments/gateway', port: 443 };
    return [
      "  Can the shop's API take payments? Paste this into another terminal:",
      '',
      `  curl -s ${url}/api/v1/reachability -H 'content-type: application/json' -d '${JSON.stringify(question)}'`,
      '',
      '  or, to read the answer as text:',
      '',
      `  npm run -s atlas -- can --server ${url} --cluster shop-calico --from shop/api --to service:payments/gateway --port 443`,
    ];
  }
  if (names.size > 0) return ['  Clusters:', '', `  curl -s ${url}/api/v1/clusters`];
  return [
    '  There is no cluster yet. Add one:',
    '',
    `  npm run -s atlas -- clusters add my-cluster --server ${url} --kubeconfig-path ~/.kube/config`,
  ];
}
