import { field, list, path, text } from '../base/index.js';
import type { Json, JsonObject } from '../base/index.js';

/**
 * What is kept of a webhook configuration or an APIService: the Services that the API server calls, and whether it goes
 * on without them. Certificates are dropped, which come anew although nothing that matters does.
 */
export function calledServicesOnly(raw: JsonObject): JsonObject {
  const webhooks = list(field(raw, 'webhooks')).map((webhook) => ({
    name: text(field(webhook, 'name')),
    failurePolicy: text(field(webhook, 'failurePolicy')) || 'Fail',
    service: readService(path(webhook, 'clientConfig', 'service')),
  }));
  return { webhooks, service: readService(path(raw, 'spec', 'service')) };
}

/** Null for what is called by its address, or is the API server itself. */
function readService(service: Json | undefined): JsonObject | null {
  const name = text(field(service, 'name'));
  if (name === '') return null;
  const port = field(service, 'port');
  return { namespace: text(field(service, 'namespace')), name, port: typeof port === 'number' ? port : 443 };
}
