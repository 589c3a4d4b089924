import { describe, expect, it } from '@jest/globals';

import { connectionGraph } from './answers/connection-graph.js';
import { connectionTable, matrixTable } from './answers/connection-table.js';
import { FORMATS, hasForm, render, type Exhibit, type Format } from './exhibit.js';
import { entryTable } from './answers/outside-tables.js';
import { renderCsv, renderPlain } from './table/table.js';
import { row } from './testing/rows.js';

const ROWS = [row('shop/web', 'shop/api'), row('shop/api', '192.0.2.0/24', 'all')];
const EXHIBIT: Exhibit = {
  data: ROWS.map(({ source, connections }) => ({ source: source.name, connections })),
  table: () => connectionTable(ROWS),
  graph: () => connectionGraph(ROWS, 'Connections'),
};

const GOLDEN: Readonly<Record<Exclude<Format, 'svg'>, string>> = {
  table: `
SOURCE    DESTINATION           CONNECTIONS
shop/web  shop/api              TCP 80
shop/api  outside 192.0.2.0/24  all
`,
  wide: `
SOURCE    SOURCE KIND  DESTINATION           DESTINATION KIND  CONNECTIONS  PAIRS
shop/web  Deployment   shop/api              Deployment        TCP 80       1 of 2
shop/api  Deployment   outside 192.0.2.0/24  Addresses         all          1 of 2
`,
  json: `
[
  {
    "source": "web",
    "connections": "TCP 80"
  },
  {
    "source": "api",
    "connections": "all"
  }
]
`,
  yaml: `
- source: web
  connections: TCP 80
- source: api
  connections: all
`,
  csv: `
source,source kind,destination,destination kind,connections,pairs
shop/web,Deployment,shop/api,Deployment,TCP 80,1 of 2
shop/api,Deployment,outside 192.0.2.0/24,Addresses,all,1 of 2
`.replaceAll(/(?<!^)\n/g, '\r\n'),
  md: `
| source | source kind | destination | destination kind | connections | pairs |
| --- | --- | --- | --- | --- | --- |
| shop/web | Deployment | shop/api | Deployment | TCP 80 | 1 of 2 |
| shop/api | Deployment | outside 192.0.2.0/24 | Addresses | all | 1 of 2 |
`,
  dot: `
digraph "Connections" {
  rankdir=LR; compound=true; node [shape=box, style="rounded,filled", fillcolor="#f5f7fa", fontname="sans-serif"];
  subgraph cluster_0 {
    label="shop"; color="#b8c2cf";
    "Deployment shop/api" [label="api\\nDeployment"];
    "Deployment shop/web" [label="web\\nDeployment"];
  }
  "Addresses outside the cluster" [label="outside the cluster"];
  "Deployment shop/api" -> "Addresses outside the cluster" [label="", color="#2e7d32"];
  "Deployment shop/web" -> "Deployment shop/api" [label="TCP 80", color="#2e7d32"];
  label="Connections\\na line without words stands for every port"; labelloc=t;
}
`,
  mermaid: `
---
title: "Connections"
---
flowchart LR
  subgraph g0["shop"]
    n0["api<br/>Deployment"]
    n1["web<br/>Deployment"]
  end
  n2["outside the cluster"]
  n0 --> n2
  n1 -->|"TCP 80"| n0
  note["a line without words stands for every port"]
  style note fill:none,stroke:none
`,
};

describe('render', () => {
  it.each(Object.entries(GOLDEN) as [Format, string][])('tells rows as %s', async (format, text) => {
    expect(`\n${await render(EXHIBIT, format)}`).toBe(text);
  });

  it('has a picture only of what can be drawn', () => {
    expect(FORMATS.filter((format) => hasForm(EXHIBIT, format))).toEqual(FORMATS);
    const plain: Exhibit = { data: [], table: () => connectionTable([]) };
    expect(FORMATS.filter((format) => !hasForm(plain, format))).toEqual(['dot', 'svg', 'mermaid']);
  });

  it('tells a matrix with sources down and destinations across', async () => {
    const matrix: Exhibit = {
      data: null,
      table: () => matrixTable([row('a', 'a', 'all'), row('a', 'b'), row('b', 'a')]),
    };
    expect(`\n${await render(matrix, 'table')}`).toBe(`
FROM \\ TO    namespace a      namespace b
namespace a  all (1 of 2)     TCP 80 (1 of 2)
namespace b  TCP 80 (1 of 2)  -
`);
  });

  it('lets no name become a formula, markup or a statement', async () => {
    const name = "=cmd|'-c'!A1\"]<b>`x`\\";
    const rows = [row(`ns/${name}`, 'ns/b')];
    const hostile: Exhibit = {
      data: null,
      table: () => ({ columns: [{ title: 'name' }], rows: [[name], ['-1'], ['-'], ['a\nb']] }),
      graph: () => connectionGraph(rows, name),
    };
    expect(await render(hostile, 'csv')).toBe('name\r\n"\'=cmd|\'-c\'!A1""]<b>`x`\\"\r\n\'-1\r\n-\r\n"a\nb"\r\n');
    expect(await render(hostile, 'md')).toBe(
      "| name |\n| --- |\n| =cmd\\|'-c'!A1\"\\]\\<b\\>\\`x\\`\\\\ |\n| -1 |\n| - |\n| a b |\n",
    );
    expect(await render(hostile, 'dot')).toContain('[label="=cmd|\'-c\'!A1\\"]<b>`x`\\\\\\nDeployment"];');
    expect(await render(hostile, 'mermaid')).toContain('["=cmd|\'-c\'!A1#34;]#60;b#62;#96;x#96;#92;<br/>Deployment"]');
  });
});

describe('a table of ways in', () => {
  const entry = {
    via: 'NodePort',
    pointer: '',
    object: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
    service: 'shop/web',
    listens: 'any node',
    protocol: 'TCP',
    port: 30080,
    seenAs: 'node',
    backends: ['shop/web-0:80', 'shop/web-1:80', 'shop/web-2:80', 'shop/web-3:80'],
    verdict: 'allowed',
    why: 'policy at the backend sees nodes',
  } as const;

  it('names two backends and counts the others, unless it is wide', () => {
    expect(renderPlain(entryTable([entry]), false)).toContain('  shop/web-0:80, shop/web-1:80 and 2 more\n');
    expect(renderPlain(entryTable([entry]), true)).toContain(entry.backends.join(', '));
    expect(renderCsv(entryTable([entry]))).toContain(entry.backends.join(', '));
  });
});
