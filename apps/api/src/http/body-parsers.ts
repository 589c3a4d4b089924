import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  AGENT_BATCH_MEDIA_TYPE,
  AGENT_ROUTES,
  AppError,
  CHAT_ROUTE,
  FLOW_MEDIA_TYPES,
  MAX_FLOW_FILE_BYTES,
} from '#contracts';
import { routeOf } from '../access/route-needs.js';

/** Largest body of everything but an upload. */
export const BODY_LIMIT_BYTES = 256 * 1024;
/** Largest body of a question that carries manifests. */
const MANIFEST_BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** Questions about manifests that come with them. */
const MANIFEST_ROUTES: ReadonlySet<string> = new Set(['/api/v1/drift', '/api/v1/what-if']);
/** Largest upload of manifests. */
const UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024;
/** The one route whose body is taken as it is. */
const UPLOAD_ROUTE = '/api/v1/clusters/:id/upload';

/** The routes whose body is a file of flows. */
const FLOW_ROUTES: ReadonlySet<string> = new Set([
  '/api/v1/clusters/:id/flows',
  '/api/v1/clusters/:id/flows/explain',
  '/api/v1/clusters/:id/flows/suggest',
]);

/** Largest batch of an agent, packed. */
const AGENT_BATCH_LIMIT_BYTES = 32 * 1024 * 1024;

/** Content types that an upload may have. */
export const UPLOAD_MEDIA_TYPES = [
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'application/json',
  'application/gzip',
  'application/x-gzip',
  'application/x-tar',
  'application/x-gtar',
  'application/zip',
  'application/x-zip-compressed',
] as const;

/**
 * Reads bodies: JSON everywhere, bytes of manifests, flows and batches at the routes that take those, nothing else. Our own
 * JSON reader instead of the server's says where the text breaks off.
 */
export function registerBodyParsers(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (route.url === UPLOAD_ROUTE) route.bodyLimit = UPLOAD_LIMIT_BYTES;
    if (MANIFEST_ROUTES.has(route.url)) route.bodyLimit = MANIFEST_BODY_LIMIT_BYTES;
    if (FLOW_ROUTES.has(route.url)) route.bodyLimit = MAX_FLOW_FILE_BYTES;
    if (route.url === AGENT_ROUTES.batches) route.bodyLimit = AGENT_BATCH_LIMIT_BYTES;
  });
  server.removeAllContentTypeParsers();
  // The type that nearly all bodies have is named, as the server finds it faster than `*`.
  for (const type of ['application/json', '*']) {
    server.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
      try {
        done(null, readBody(request, body as Buffer));
      } catch (error) {
        done(error as Error);
      }
    });
  }
}

function readBody(request: FastifyRequest, body: Buffer): unknown {
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const { url = '', isKept } = routeOf(request);
  const taken = url === UPLOAD_ROUTE ? UPLOAD_MEDIA_TYPES : FLOW_ROUTES.has(url) ? FLOW_MEDIA_TYPES : null;
  if (taken !== null) {
    if ((taken as readonly string[]).includes(mediaType)) return body;
    const detail = `content type \`${mediaType}\` is not read here, send one of ${taken.join(', ')}`;
    throw new AppError('upload.unsupported', detail);
  }
  // Who sends it proves that by its bytes.
  if (url === CHAT_ROUTE) return body;
  if (url === AGENT_ROUTES.batches && mediaType === AGENT_BATCH_MEDIA_TYPE) return body;
  if (mediaType === 'application/json' || mediaType === 'application/merge-patch+json') {
    request.bodyText = body.toString('utf8');
    // Where answers are kept, the text alone may find one.
    return isKept === true ? request.bodyText : parseJson(request.bodyText);
  }
  throw new AppError(
    'unsupported_media_type',
    mediaType === ''
      ? 'the body has no content type, send `application/json`'
      : `content type \`${mediaType}\` is not read here, send \`application/json\``,
  );
}

/** @throws AppError `request.invalid` */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw invalidJson('the body is empty, send a JSON object');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw invalidJson(`the body is not JSON: ${jsonFault(error, text)}`);
  }
}

function invalidJson(detail: string): AppError {
  return new AppError('request.invalid', detail, { errors: [{ pointer: '', detail }] });
}

/** The parser's message with line and column instead of an offset. */
function jsonFault(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const offset = /position (\d+)/.exec(message)?.[1];
  const at = offset === undefined ? text.length : Number(offset);
  const before = text.slice(0, at).split('\n');
  const place = `line ${String(before.length)}, column ${String((before.at(-1)?.length ?? 0) + 1)}`;
  const what = message
    .replace(/ in JSON at position.*$/s, '')
    .replace(/, ".*$/s, '')
    .replace(/^./, (first) => first.toLowerCase());
  return `${what} at ${place}`;
}
