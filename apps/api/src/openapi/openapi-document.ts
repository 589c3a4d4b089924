import { z } from 'zod';
import { NO_NAMESPACE } from '../inventory/inventory.query.js';
import { UPLOAD_MEDIA_TYPES } from '../http/body-parsers.js';
import { PROBLEM_TYPES } from '../http/problem-catalogue.js';
import { STATUS_BY_CODE } from '../http/status-table.js';
import { AGENT_BATCH_MEDIA_TYPE, FLOW_MEDIA_TYPES, type ErrorCode } from '#contracts';
import { EVENT_STREAM_MEDIA_TYPE } from '../rest/event-stream.js';
import { mediaTypeOf } from '../rest/formats/negotiate.js';
import { bodies } from '../rest/schema-registry.js';
import { itemFields } from '../rest/sparse-items.js';
import { problemBody } from '../rest/shared.body.js';
import { TAGS, type Operation } from './operation.js';
import { OPERATIONS } from './operations.js';

type Json = Readonly<Record<string, unknown>>;

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  id: 'Name or id of the cluster',
  job: 'Id of the job',
  token: 'Id of the token',
  seq: 'Number of the snapshot',
  audit: 'Id of the audit',
  fingerprint: 'Fingerprint of the finding',
  suppression: 'Id of the suppression',
  kind: 'Kind with group, as `NetworkPolicy.networking.k8s.io` or `Pod`',
  namespace: `The namespace, \`${NO_NAMESPACE}\` for cluster-scoped kinds`,
  name: 'Name of the object',
  pattern: 'Id of the pattern, as `default-deny`',
};
const PEER_FORMS =
  '`namespace/name`, `pod:ns/name`, `deployment:ns/name` (and other workloads), `service:ns/name`, `namespace:ns`, ' +
  '`node:name`, an address, a CIDR, `host:example.com`, or `labels:ns/app=web` for a pod that need not exist';

/** What input fields mean, by name; one name means the same everywhere. */
const FIELDS: Readonly<Record<string, Json>> = {
  cluster: { description: 'Name or id of the cluster', examples: ['shop-calico'] },
  from: { description: `Who opens the connection: ${PEER_FORMS}`, examples: ['shop/api'] },
  to: { description: 'Whom it should reach, in the same forms as `from`', examples: ['service:payments/gateway'] },
  protocol: { description: 'By name or number' },
  port: { description: 'By number or name; any port when left out', examples: [443] },
  of: { description: 'What it is about, in the forms of `from`' },
  hops: { description: 'Connections in a row, 1 to 100, or `all`' },
  sensitive: { description: 'A label selector: pods that count ten times' },
  range: { description: 'Address ranges of other clusters, to tell whether they are within reach; repeatable' },
  levers: { description: 'Also try which policies change it most; takes longer' },
  client: { description: 'The address of the client; any of the internet when left out' },
  focus: { description: 'One side at least is among these, in the forms of `from`' },
  direction: {
    description: 'On which side `focus` is: who reaches it (`ingress`), whom it reaches (`egress`), or both',
  },
  verdict: { description: 'What certainly passes (`allow`), or what cannot be told (`unknown`)' },
  reading: { description: "What this cluster's CNI makes of policy, or policy as written" },
  outside: { description: 'Whether addresses outside the cluster count where a side is not limited' },
  nodes: { description: 'Whether nodes count where a side is not limited' },
  by: { description: 'What one side of a row stands for' },
  sourcePort: { description: 'Port at the source, 1 to 65535' },
  icmp: { description: 'Which ICMP messages are meant; any code when it is left out' },
  l7: { description: 'What is known of the request itself' },
  at: { description: 'A snapshot number, or an RFC 3339 time; the newest when left out' },
  limit: { description: 'Page size, 1 to 100' },
  cursor: { description: 'Opaque, from `page.nextCursor` of an earlier page' },
  paused: { description: 'A paused cluster is not read; what is stored stays' },
  inline: { description: 'Text of a kubeconfig. Sealed at once and never shown' },
};
const ALWAYS: readonly ErrorCode[] = [
  'request.invalid',
  'unauthenticated',
  'forbidden',
  'rate.limited',
  'method_not_allowed',
  'database.unavailable',
  'internal',
];
const IF_MATCH: Json = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` that it was read with: nothing is done, and 412 answered, when it has another one now',
  schema: { type: 'string' },
};
const WITH_BODY: readonly ErrorCode[] = ['unsupported_media_type', 'upload.too_large'];

/**
 * The OpenAPI 3.1 description of the REST API. Its schemas are made from the ones that read requests and that type
 * responses, so it cannot tell of another API than the one that runs.
 */
export function openApiDocument(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Netpol Atlas',
      version: 'v1',
      summary: 'What can talk to what in your Kubernetes clusters, and why.',
      description:
        'Lists are paged by an opaque cursor that is bound to the snapshot and the filter. Errors are problem documents ' +
        '(RFC 9457). Unknown fields and parameters are refused by name. `X-Request-Id` is taken and given back.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: TAGS.map((name) => ({ name })),
    paths: paths(),
    components: { schemas: componentSchemas() },
  };
}

function paths(): Json {
  const out: Record<string, Record<string, unknown>> = {};
  for (const operation of OPERATIONS) {
    (out[operation.path] ??= {})[operation.method] = operationObject(operation);
  }
  return out;
}

function operationObject(operation: Operation): Json {
  const body = operation.body;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    parameters: [
      ...pathParameters(operation.path),
      ...queryParameters(operation.query),
      ...fieldsParameter(itemFields(operation)),
      ...(isConditional(operation) ? [IF_MATCH] : []),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: requestContent(body) } }),
    responses: { [String(operation.status)]: successResponse(operation), ...problemResponses(operation) },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name],
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (query === undefined) return [];
  const schema = inputSchema(query) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, examples, ...type } = property;
    return {
      name,
      in: 'query',
      required: schema.required?.includes(name) === true && property['default'] === undefined,
      ...(description === undefined ? {} : { description }),
      ...(Array.isArray(examples) ? { example: examples[0] as unknown } : {}),
      schema: type,
    };
  });
}

/** A write of what can be read at the same path. */
function isConditional({ method, path }: Operation): boolean {
  const isWrite = method === 'patch' || method === 'put' || method === 'delete';
  return isWrite && OPERATIONS.some((other) => other.path === path && other.method === 'get');
}

function fieldsParameter(known: readonly string[] | null): Json[] {
  if (known === null) return [];
  const names = known.map((name) => `\`${name}\``).join(', ');
  const description = `Only these fields of each item, with commas between: ${names}`;
  return [{ name: 'fields', in: 'query', required: false, description, schema: { type: 'string' } }];
}

function requestContent(body: NonNullable<Operation['body']>): Json {
  if (body === 'chat') return { 'application/x-www-form-urlencoded': {}, 'application/json': {} };
  if (body === 'batch') return { [AGENT_BATCH_MEDIA_TYPE]: {} };
  if (body === 'flows') return Object.fromEntries(FLOW_MEDIA_TYPES.map((type) => [type, {}]));
  if (body !== 'manifests') return { 'application/json': { schema: inputSchema(body) } };
  return Object.fromEntries(UPLOAD_MEDIA_TYPES.map((type) => [type, {}]));
}

function successResponse(operation: Operation): Json {
  const description = operation.status === 204 ? 'Done' : operation.summary;
  if (operation.files !== undefined) {
    return { description, content: Object.fromEntries(operation.files.map((type) => [type, {}])) };
  }
  if (operation.response === null) return { description };
  if (operation.isStream === true) {
    return { description, content: { [EVENT_STREAM_MEDIA_TYPE]: { schema: reference(operation.response) } } };
  }
  const forms = (operation.forms ?? []).map((form) => [mediaTypeOf(form), { schema: { type: 'string' } }] as const);
  const json = { 'application/json': { schema: reference(operation.response) } };
  return { description, content: { ...json, ...Object.fromEntries(forms) } };
}

/** One entry a status; the codes that it may carry are told in its description. */
function problemResponses(operation: Operation): Json {
  const codes = [
    ...operation.errors,
    ...ALWAYS,
    ...(operation.body === undefined ? [] : WITH_BODY),
    ...(isConditional(operation) ? (['precondition.failed'] as const) : []),
  ];
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codes) {
    const status = STATUS_BY_CODE[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  const sorted = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    sorted.map(([status, of]) => [
      String(status),
      {
        description: [...of].map((code) => `\`${code}\`: ${PROBLEM_TYPES[code].title}`).join('. '),
        content: { 'application/problem+json': { schema: reference(problemBody) } },
      },
    ]),
  );
}

function reference(schema: z.ZodType): Json {
  const id = bodies.get(schema)?.id;
  if (id === undefined) throw new Error('invariant: a response schema has no name');
  return { $ref: schemaUri(id) };
}

function schemaUri(id: string): string {
  return `#/components/schemas/${id}`;
}

function inputSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      tidy(jsonSchema);
    },
  }) as Record<string, unknown>;
  return describeFields(rest) as Json;
}

/** Adds `FIELDS` to properties that say nothing of themselves. */
function describeFields(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(describeFields);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key !== 'properties') return [key, describeFields(value)];
    const properties = Object.entries(value as Record<string, Json>);
    return [key, Object.fromEntries(properties.map(([name, field]) => [name, describeField(name, field)]))];
  });
  return Object.fromEntries(entries);
}

function describeField(name: string, field: Json): Json {
  const known = Object.hasOwn(FIELDS, name) && field['description'] === undefined ? FIELDS[name] : {};
  return { ...(describeFields(field) as Json), ...known };
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(bodies, {
    io: 'output',
    uri: schemaUri,
    override: ({ jsonSchema }) => {
      tidy(jsonSchema);
    },
  }) as { schemas: Record<string, Json> };
  const sorted = Object.keys(schemas).sort();
  return Object.fromEntries(
    sorted.map((id) => {
      const { $schema: _, $id: __, id: ___, ...schema } = schemas[id] as Record<string, unknown>;
      return [id, schema];
    }),
  );
}

/** Drops what only repeats: the expression behind a well-known format, and the largest number that JSON can carry. */
function tidy(schema: { format?: string; pattern?: string; maximum?: number; minimum?: number }): void {
  if (schema.format !== undefined) delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}
