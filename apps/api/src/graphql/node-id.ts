import { AppError } from '#contracts';
import type { ObjectHeader } from '#analysis';

/** What a node id names. */
export type NodeRef =
  | { readonly type: 'cluster'; readonly clusterId: string }
  | {
      readonly type: 'object';
      readonly clusterId: string;
      readonly kindId: string;
      readonly namespace: string;
      readonly name: string;
    };

/** The opaque id of a cluster: stable for its life. */
export function clusterNodeId(clusterId: string): string {
  return encode(['cluster', clusterId]);
}

/** The opaque id of an object of a cluster: stable as long as an object of that kind and name exists. */
export function objectNodeId(clusterId: string, object: Pick<ObjectHeader, 'kindId' | 'namespace' | 'name'>): string {
  return encode(['object', clusterId, object.kindId, object.namespace, object.name]);
}

/** @throws AppError `request.invalid` when the text is no id of ours */
export function parseNodeId(id: string): NodeRef {
  const parts = decode(id);
  const [type, clusterId, kindId, namespace, name] = parts;
  if (type === 'cluster' && parts.length === 2 && clusterId !== undefined) return { type, clusterId };
  if (
    type === 'object' &&
    parts.length === 5 &&
    clusterId !== undefined &&
    kindId !== undefined &&
    namespace !== undefined &&
    name !== undefined
  ) {
    return { type, clusterId, kindId, namespace, name };
  }
  const detail = `\`${id}\` is no id, ids come from the \`id\` field of an earlier answer`;
  throw new AppError('request.invalid', detail, { errors: [{ pointer: '/id', detail }] });
}

function encode(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function decode(id: string): readonly string[] {
  try {
    const parsed = JSON.parse(Buffer.from(id, 'base64url').toString()) as unknown;
    return Array.isArray(parsed) && parsed.every((part) => typeof part === 'string') ? parsed : [];
  } catch {
    return [];
  }
}
