/** Receives the number of a field and where its value lies. */
export type VisitField = (field: number, from: number, to: number) => void;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/**
 * Visits the fields of a protobuf message that have a length: texts, bytes, and messages within it. Numbers are passed over.
 * Throws a `RangeError` when the message breaks off or holds what protobuf does not have.
 */
export function eachField(bytes: Buffer, from: number, to: number, visit: VisitField): void {
  let at = from;
  const number = (): number => {
    let value = 0;
    for (let weight = 1; at < to; weight *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
    throw broken();
  };
  while (at < to) {
    const tag = number();
    const type = tag & 7;
    if (type === VARINT) number();
    else if (type === FIXED_64) at += 8;
    else if (type === FIXED_32) at += 4;
    else if (type === BYTES) {
      const end = number() + at;
      if (end > to) throw broken();
      visit(tag >>> 3, at, end);
      at = end;
    } else throw broken();
  }
  if (at > to) throw broken();
}

function broken(): RangeError {
  return new RangeError('not a protobuf message');
}
