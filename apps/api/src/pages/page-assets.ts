import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const packageFile = (name: string, ...path: string[]): string =>
  join(dirname(require.resolve(`${name}/package.json`)), ...path);

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const PNG = 'image/png';

/** A file of a page: on disk, or text of our own. */
export type Asset = { readonly type: string } & ({ readonly file: string } | { readonly text: string });

const DOCS_BOOT = `window.ui = SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

const GRAPHIQL_BOOT = `const question = \`# Can the API of the sample shop take payments?
query CanTheApiPay {
  canReach(input: { cluster: "shop-calico", from: "shop/api", to: "service:payments/gateway", port: 443 }) {
    __typename
    ... on Reachability {
      verdict
      reason
      summary
      steps { hop decision why rules { label } }
      asOf { cluster seq takenAt stalenessMs }
    }
    ... on EndpointNotFound { message near }
    ... on ClusterNotFound { message near }
  }
}
\`;
const page = \`# The first page; the next one is behind its endCursor: policies(cluster: "shop-calico", first: 5, after: "…")
query FirstPolicies {
  policies(cluster: "shop-calico", first: 5) {
    totalCount
    edges { node { namespace name } }
    pageInfo { hasNextPage endCursor }
  }
}
\`;
const stream = \`# In which clusters does anything reach an address outside on port 22? Each answers as soon as it can.
subscription SshEverywhere {
  fleet(input: { to: "ip:203.0.113.9", port: 22 }) {
    cluster
    verdict
    summary
  }
}
\`;
// A token in the header editor goes with the first message of a WebSocket, which can have no headers.
const socket = new URL('/graphql', location.href);
socket.protocol = socket.protocol === 'https:' ? 'wss:' : 'ws:';
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: '/graphql', subscriptionUrl: socket.href }),
    defaultTabs: [{ query: question }, { query: page }, { query: stream }],
    defaultEditorToolsVisibility: true,
  }),
);
`;

/** Every file that the pages load, by its path under `/assets/`. All come from this server. */
export const ASSETS: Readonly<Record<string, Asset>> = {
  'docs/swagger-ui.css': { type: CSS, file: packageFile('swagger-ui-dist', 'swagger-ui.css') },
  'docs/swagger-ui-bundle.js': { type: JAVASCRIPT, file: packageFile('swagger-ui-dist', 'swagger-ui-bundle.js') },
  'docs/favicon.png': { type: PNG, file: packageFile('swagger-ui-dist', 'favicon-32x32.png') },
  'docs/boot.js': { type: JAVASCRIPT, text: DOCS_BOOT },
  'graphiql/react.js': { type: JAVASCRIPT, file: packageFile('react', 'umd', 'react.production.min.js') },
  'graphiql/react-dom.js': { type: JAVASCRIPT, file: packageFile('react-dom', 'umd', 'react-dom.production.min.js') },
  'graphiql/graphiql.js': { type: JAVASCRIPT, file: packageFile('graphiql', 'graphiql.min.js') },
  'graphiql/graphiql.css': { type: CSS, file: packageFile('graphiql', 'graphiql.min.css') },
  'graphiql/boot.js': { type: JAVASCRIPT, text: GRAPHIQL_BOOT },
};
