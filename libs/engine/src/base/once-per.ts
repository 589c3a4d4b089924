/** A function that makes something of each object once, and keeps that for as long as there is the object. */
export function oncePer<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly made: V }>();
  return (key) => {
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = { made: make(key) }));
    return found.made;
  };
}
