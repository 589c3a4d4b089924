/** The type of an answer in protobuf. */
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** What of an object's metadata is sent; names of fields as in the API, numbers as in k8s.io/apimachinery's generated.proto. */
export interface SentMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly resourceVersion?: string;
  readonly managedFields?: readonly {
    readonly manager: string;
    readonly operation: string;
    readonly fieldsV1: object;
  }[];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** A field that has a length. */
export function lengthField(field: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const numberField = (field: number, value: number): Buffer => Buffer.from([...varint(field * 8), ...varint(value)]);
const mapField = (field: number, map: Readonly<Record<string, string>> = {}): Buffer[] =>
  Object.entries(map).map(([key, value]) =>
    lengthField(field, Buffer.concat([lengthField(1, key), lengthField(2, value)])),
  );

function objectMeta(meta: SentMetadata): Buffer {
  return Buffer.concat([
    lengthField(1, meta.name ?? ''),
    lengthField(3, meta.namespace ?? ''),
    lengthField(5, meta.uid ?? ''),
    lengthField(6, meta.resourceVersion ?? ''),
    numberField(7, meta.generation ?? 0),
    ...mapField(11, meta.labels),
    ...mapField(12, meta.annotations),
    ...(meta.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => {
      const fields = lengthField(7, lengthField(1, JSON.stringify(fieldsV1)));
      return lengthField(17, Buffer.concat([lengthField(1, manager), lengthField(2, operation), fields]));
    }),
  ]);
}

/** One object of a list. */
export function metadataItem(meta: SentMetadata): Buffer {
  return lengthField(2, lengthField(1, objectMeta(meta)));
}

/** A page of a PartialObjectMetadataList as a kube-apiserver sends it; `next` '' for the last. */
export function metadataPage(resourceVersion: string, next: string, items: readonly Buffer[]): Buffer {
  const meta = lengthField(1, Buffer.concat([lengthField(2, resourceVersion), lengthField(3, next)]));
  const type = lengthField(
    1,
    Buffer.concat([lengthField(1, 'meta.k8s.io/v1'), lengthField(2, 'PartialObjectMetadataList')]),
  );
  const list = lengthField(2, Buffer.concat([meta, ...items]));
  return Buffer.concat([Buffer.from('k8s\0'), type, list, lengthField(3, ''), lengthField(4, '')]);
}
