import { field, list, path, text } from '#engine';

import { KubeFault } from './kube-fault.js';
import { type KubeAnswer, parseJson } from './kube-transport.js';
import { nameOf } from './object-name.js';
import { eachField } from './protobuf.js';

/** Receives `namespace/name` and version of an object. */
export type VisitVersion = (name: string, version: string) => void;

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const AS_METADATA = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Asks for metadata alone: best as protobuf, in which managed fields, most of the answer, cost nothing to pass over. */
export const METADATA_ONLY = `${PROTOBUF};${AS_METADATA},application/json;${AS_METADATA},application/json`;

/** Reads an answer to `METADATA_ONLY`; returns the token of the next page, '' for the last. Throws a protocol fault. */
export function readMetadataPage({ body, contentType }: KubeAnswer, what: string, visit: VisitVersion): string {
  if (contentType.startsWith(PROTOBUF)) return readProtobuf(body, what, visit);
  const page = parseJson(body, what);
  for (const item of list(field(page, 'items'))) {
    const metadata = field(item, 'metadata');
    visit(nameOf(metadata), text(field(metadata, 'resourceVersion')));
  }
  return text(path(page, 'metadata', 'continue'));
}

/** Stands before every protobuf answer of a kube-apiserver. */
const MAGIC = 'k8s\0';
/** Field numbers of `generated.proto` in k8s.io/apimachinery. */
const UNKNOWN = { raw: 2 };
const LIST = { metadata: 1, items: 2 };
const LIST_META = { continue: 3 };
const ITEM = { metadata: 1 };
const OBJECT_META = { name: 1, namespace: 3, resourceVersion: 6 };

function readProtobuf(body: Buffer, what: string, visit: VisitVersion): string {
  let next = '';
  let lists = 0;
  const seeObject = (from: number, to: number): void => {
    let [name, namespace, version] = ['', '', ''];
    eachField(body, from, to, (at, start, end) => {
      if (at === OBJECT_META.name) name = body.toString('utf8', start, end);
      else if (at === OBJECT_META.namespace) namespace = body.toString('utf8', start, end);
      else if (at === OBJECT_META.resourceVersion) version = body.toString('latin1', start, end);
    });
    visit(`${namespace}/${name}`, version);
  };
  const seeList = (at: number, from: number, to: number): void => {
    eachField(body, from, to, (part, start, end) => {
      if (at === LIST.metadata && part === LIST_META.continue) next = body.toString('utf8', start, end);
      if (at === LIST.items && part === ITEM.metadata) seeObject(start, end);
    });
  };
  try {
    if (body.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new RangeError('not an answer in protobuf');
    eachField(body, MAGIC.length, body.length, (at, from, to) => {
      if (at !== UNKNOWN.raw) return;
      lists += 1;
      eachField(body, from, to, seeList);
    });
    if (lists === 0) throw new RangeError('no list in it');
  } catch (error) {
    throw new KubeFault('protocol', `the answer for ${what} cannot be read`, 0, error);
  }
  return next;
}
