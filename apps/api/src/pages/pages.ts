import type { ErrorCode } from '#contracts';
import { PROBLEM_TYPES } from '../http/problem-catalogue.js';
import { STATUS_BY_CODE } from '../http/status-table.js';

/** Nothing from anywhere else: the pages must work, and leak nothing, on a machine without internet. */
const headersWith = (base: "'none'" | "'self'"): Readonly<Record<string, string>> => ({
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
    `frame-ancestors 'none'; base-uri ${base}; form-action 'self'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
});

export const PAGE_HEADERS = headersWith("'none'");
/** For a page that says itself where its addresses begin. */
export const BASED_PAGE_HEADERS = headersWith("'self'");

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/assets/docs/favicon.png">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

const scripts = (...paths: readonly string[]): string =>
  paths.map((path) => `<script src="/assets/${path}"></script>`).join('\n');

export const DOCS_PAGE = page(
  'Netpol Atlas: REST API',
  '<link rel="stylesheet" href="/assets/docs/swagger-ui.css">',
  `<div id="docs"></div>\n${scripts('docs/swagger-ui-bundle.js', 'docs/boot.js')}`,
);

export const GRAPHIQL_PAGE = page(
  'Netpol Atlas: GraphQL',
  '<link rel="stylesheet" href="/assets/graphiql/graphiql.css">\n<style>body{margin:0}#graphiql{height:100vh}</style>',
  `<div id="graphiql"></div>\n${scripts('graphiql/react.js', 'graphiql/react-dom.js', 'graphiql/graphiql.js', 'graphiql/boot.js')}`,
);

const PLAIN_STYLE =
  '<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}</style>';

export const START_PAGE = page(
  'Netpol Atlas',
  PLAIN_STYLE,
  `<h1>Netpol Atlas</h1>
<p>What can talk to what in your Kubernetes clusters, and why.</p>
<ul>
<li><a href="/docs">REST API</a>, described by <a href="/api/v1/openapi.json">openapi.json</a></li>
<li><a href="/graphiql">GraphQL explorer</a></li>
<li><a href="/api/v1/clusters">Clusters</a></li>
<li><a href="/readyz">Readiness</a></li>
</ul>`,
);

/** The page that a problem's `type` leads to. */
export function problemPage(code: ErrorCode): string {
  const { title, meaning } = PROBLEM_TYPES[code];
  const text = meaning.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return page(
    title,
    PLAIN_STYLE,
    `<h1>${title}</h1>\n<p>${text}</p>\n<p>Code <code>${code}</code>, status ${String(STATUS_BY_CODE[code])}.</p>`,
  );
}
