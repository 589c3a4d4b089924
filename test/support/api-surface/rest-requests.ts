import { sample, type Choices, type JsonSchema } from './sample.js';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>> };
}

/** The part of an OpenAPI description that requests are made from. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

/** One operation that can be asked for. */
export interface RestOperation extends OperationObject {
  readonly method: string;
  readonly path: string;
}

export interface RestRequest {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly contentType: string | null;
  readonly body: string | undefined;
}

export function restOperations(document: OpenApi): readonly RestOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** Whether an operation has no end of its own. */
export function isStream({ responses = {} }: RestOperation): boolean {
  return Object.values(responses).some(({ content = {} }) => 'text/event-stream' in content);
}

/** The keys that a list can be sorted by; none where it cannot. */
export function sortKeysOf({ parameters = [] }: RestOperation): readonly string[] {
  const description = parameters.find(({ name }) => name === 'sort')?.description ?? '';
  return [...(description.split(';')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, key]) => key as string);
}

/** A request for an operation, made from its description alone. */
export function restRequest(operation: RestOperation, choices: Choices): RestRequest {
  const text = (parameter: Parameter): string => asText(sample(parameter.schema, parameter.name, choices));
  const parameters = operation.parameters ?? [];
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    const value = parameter === undefined ? 'a' : text(parameter);
    return encodeURIComponent(value.replace(/[\ud800-\udfff]/g, '\ufffd')) || '%20';
  });
  const query = new URLSearchParams(
    parameters
      .filter((one) => one.in === 'query' && (one.required === true || choices.sends(one.name)))
      .map((one): [string, string] => [one.name, text(one)]),
  ).toString();
  const [contentType = null, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return {
    operation: operation.operationId,
    method: operation.method,
    url: query === '' ? path : `${path}?${query}`,
    contentType,
    body: contentType === null ? undefined : bodyText(content?.schema, choices),
  };
}

function bodyText(schema: JsonSchema | undefined, choices: Choices): string {
  return schema === undefined ? asText(choices.bend('{}')) : JSON.stringify(sample(schema, '', choices));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
