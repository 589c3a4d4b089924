/**
 * `namespace/name` of the Service that a whole name of the cluster's DNS belongs to, whichever its domain is; null for any
 * other name. Names of a set of clusters (`clusterset.local`) are not those of one of them.
 */
export function serviceOfDnsName(text: string): string | null {
  const [, name, namespace] = /^([^.*]+)\.([^.]+)\.svc\.(?!clusterset\.local\.?$)[^.]/i.exec(text) ?? [];
  return name === undefined || namespace === undefined ? null : `${namespace}/${name}`.toLowerCase();
}
