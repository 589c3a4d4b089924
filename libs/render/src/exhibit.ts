import { renderDot } from './graph/dot.js';
import type { Graph } from './graph/graph.js';
import { renderMermaid } from './graph/mermaid.js';
import { renderCsv, renderMarkdown, renderPlain, type Table } from './table/table.js';

/** Every form that an answer can take. */
export const FORMATS = ['table', 'wide', 'json', 'yaml', 'csv', 'md', 'dot', 'svg', 'mermaid'] as const;
export type Format = (typeof FORMATS)[number];

/** The forms that need a picture. */
const PICTURES = ['dot', 'svg', 'mermaid'] as const;

/** An answer with the ways to show it; each is made only when it is asked for. */
export interface Exhibit {
  /** What JSON and YAML tell: all of it. */
  readonly data: unknown;
  readonly table: () => Table;
  /** In Markdown, what is read before the table and after it; absent for a table that is the answer. */
  readonly words?: () => { readonly before: string; readonly after: string };
  /** Absent for answers that no picture shows. */
  readonly graph?: () => Graph;
}

export function hasForm(exhibit: Exhibit, format: Format): boolean {
  return exhibit.graph !== undefined || !(PICTURES as readonly Format[]).includes(format);
}

/** The answer as text that ends with a line feed. A picture of an answer that has none is a failure of the caller. */
export async function render(exhibit: Exhibit, format: Format): Promise<string> {
  switch (format) {
    case 'table':
    case 'wide':
      return renderPlain(exhibit.table(), format === 'wide');
    case 'json':
      return `${JSON.stringify(exhibit.data, null, 2)}\n`;
    case 'yaml':
      return (await import('yaml')).stringify(JSON.parse(JSON.stringify(exhibit.data)));
    case 'csv':
      return renderCsv(exhibit.table());
    case 'md':
      return markdown(exhibit);
    case 'dot':
      return renderDot(graphOf(exhibit));
    case 'mermaid':
      return renderMermaid(graphOf(exhibit));
    case 'svg':
      return (await import('./svg/svg.js')).renderSvg(graphOf(exhibit));
  }
}

function markdown({ table, words }: Exhibit): string {
  const { before, after } = words?.() ?? { before: '', after: '' };
  const parts = [before, renderMarkdown(table()).trimEnd(), after];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function graphOf({ graph }: Exhibit): Graph {
  if (graph === undefined) throw new Error('invariant: this answer has no picture');
  return graph();
}
