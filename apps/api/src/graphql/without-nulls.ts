/** GraphQL says null where the other edges leave a field out. */
export function withoutNulls<T extends object>(value: T): Partial<T> {
  const out: Partial<T> = {};
  for (const name of Object.keys(value) as (keyof T)[]) {
    if (value[name] !== null && value[name] !== undefined) out[name] = value[name];
  }
  return out;
}
