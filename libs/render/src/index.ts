export { answerExhibit, blastExhibit } from './answers/answer-exhibit.js';
export { ConnectionCounts } from './answers/connection-counts.js';
export { connectionGraph, MOST_NODES } from './answers/connection-graph.js';
export {
  CONNECTION_COLUMNS,
  connectionCells,
  connectionTable,
  matrixTable,
  peerText,
} from './answers/connection-table.js';
export {
  blastHeadline,
  entryTable,
  exposureHeadline,
  exposureTable,
  fixesText,
  mostExposed,
  reachTable,
} from './answers/outside-tables.js';
export { FORMATS, hasForm, render } from './exhibit.js';
export type { Exhibit, Format } from './exhibit.js';
export { joinEdges } from './graph/graph.js';
export type { EdgeState, Graph, GraphEdge, GraphNode, NodeKind, NodeState } from './graph/graph.js';
export { escapeMarkup } from './markup.js';
export { PlainTable } from './table/plain-table.js';
export { Aside } from './thread/aside.js';
export { csvLine, escapeMarkdown, renderCsv, renderMarkdown, renderPlain } from './table/table.js';
export type { Column, Table } from './table/table.js';
