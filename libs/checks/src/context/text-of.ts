const texts = new WeakMap<object, string>();

/** A part of what was read as text, by which equal ones are known. Such parts stay as they are, and each is asked about often. */
export function textOf(part: object): string {
  let text = texts.get(part);
  if (text === undefined) texts.set(part, (text = JSON.stringify(part)));
  return text;
}
