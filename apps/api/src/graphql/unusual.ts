/** Thrown where a short way ends and the usual one, which has the words for what is wrong, has to be taken. */
const UNUSUAL = new Error('invariant: the usual way was not taken');

/** Leaves the short way. One error for all: what it is about is found again. */
export function unusual(): never {
  throw UNUSUAL;
}
