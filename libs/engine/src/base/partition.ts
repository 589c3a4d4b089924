/** The values that a test holds for, and the others, each in their order. */
export function partition<T, U extends T>(
  values: readonly T[],
  test: (value: T) => value is U,
): readonly [U[], Exclude<T, U>[]];
export function partition<T>(values: readonly T[], test: (value: T) => boolean): readonly [T[], T[]];
export function partition<T>(values: readonly T[], test: (value: T) => boolean): readonly [T[], T[]] {
  const [held, others]: [T[], T[]] = [[], []];
  for (const value of values) (test(value) ? held : others).push(value);
  return [held, others];
}
