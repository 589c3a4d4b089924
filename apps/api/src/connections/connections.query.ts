import { allConnectionsInput, connectionsInput } from '#contracts';
import { formatParameter } from '../rest/formats/negotiate.js';

export const LIST_FORMATS = ['json', 'ndjson', 'csv'] as const;
export const MATRIX_FORMATS = ['json', 'csv', 'md'] as const;
export const GRAPH_FORMATS = ['json', 'svg', 'dot', 'mermaid'] as const;

export const connectionsQuery = connectionsInput.extend({ format: formatParameter(LIST_FORMATS) });
const grouped = allConnectionsInput.shape.by.unwrap().exclude(['pod']).default('namespace');
export const matrixQuery = allConnectionsInput.extend({ by: grouped, format: formatParameter(MATRIX_FORMATS) });
export const graphQuery = allConnectionsInput.extend({ by: grouped, format: formatParameter(GRAPH_FORMATS) });
