import type { DocumentResult } from './parsed-document.js';
import { parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { splitDocuments } from './split-documents.js';

/** Parses the text of one file into its documents. A JSON file that holds YAML is read as YAML, as kubectl does. */
export function parseFile(text: string, isJson: boolean): DocumentResult[] {
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (isJson && /^\s*[{[]/.test(clean) && !/^---/m.test(clean)) return parseJson(clean);
  return splitDocuments(clean).map(parseYaml);
}
