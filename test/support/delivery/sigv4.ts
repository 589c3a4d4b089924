import { createHash, createHmac } from 'node:crypto';
import type { Received } from './receiver.js';

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** Whether a request carries a valid AWS Signature Version 4 for S3, worked out from the request alone. */
export function isSignedForS3({ method, url, headers, body }: Received, secret: string): boolean {
  const authorization = headers.authorization ?? '';
  const [, scope = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(authorization) ??
    [];
  const [date = '', region = '', service = ''] = scope.split('/');
  const payload = String(headers['x-amz-content-sha256']);
  if (payload !== sha256(body)) return false;
  const canonicalHeaders = names
    .split(';')
    .map((name) => `${name}:${String(headers[name]).trim()}\n`)
    .join('');
  const [path = '', query = ''] = url.split('?');
  const canonical = [method, path, query, canonicalHeaders, names, payload].join('\n');
  const text = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
  return service === 's3' && hmac(key, text).toString('hex') === signature;
}
