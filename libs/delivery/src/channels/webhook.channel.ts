import { createHmac } from 'node:crypto';
import type { Sender } from '../sender.js';
import { messageData } from '../message.js';
import { sendHttp } from '../http-send.js';

/** A webhook as Standard Webhooks describes it: the signature is over id, time and body. */
export const sendWebhook: Sender<'webhook'> = async ({ url, secret }, message, options) => {
  const body = JSON.stringify(messageData(message));
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': webhookSignature(secret, message.id, timestamp, body),
  };
  await sendHttp({ method: 'POST', url, headers, body }, options);
};

/** `v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`. */
function webhookSignature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
