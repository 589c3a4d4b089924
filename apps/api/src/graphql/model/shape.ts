/**
 * The plain values that a model class describes. Model classes exist to declare the schema and are never made, so
 * mappers and resolvers give this instead.
 */
export type Shape<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined | Date
    ? T
    : T extends (...args: never[]) => unknown
      ? T
      : T extends readonly (infer U)[]
        ? readonly Shape<U>[]
        : { readonly [K in keyof T]: Shape<T[K]> };
