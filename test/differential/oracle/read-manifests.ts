import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { get, items, obj, str, type Raw } from './fields.js';

/** Every object in the YAML and JSON files below `folder`, with `List` objects taken apart. */
export function readManifestFolder(folder: string): Raw[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .flatMap((entry) => readManifestText(readFileSync(join(entry.parentPath, entry.name), 'utf8')));
}

/** The objects of one text. */
export function readManifestText(text: string): Raw[] {
  return parseAllDocuments(text).flatMap((document) => expand(document.toJS() as unknown));
}

function expand(value: unknown): Raw[] {
  if (Array.isArray(value)) return value.flatMap(expand);
  const object = obj(value);
  if (str(get(object, 'kind')).endsWith('List') && Array.isArray(get(object, 'items'))) {
    return items(get(object, 'items')).flatMap(expand);
  }
  return get(object, 'kind') === undefined ? [] : [object];
}
