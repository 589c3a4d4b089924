import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { addressOf } from '../address-guard.js';
import { DeliveryError } from '../delivery-error.js';
import type { Message } from '../message.js';
import type { Sender } from '../sender.js';

/** Larger attachments are refused by most servers; the link leads to them. */
const MOST_ATTACHED_BYTES = 10 * 1024 * 1024;

/** A mail by SMTP, with TLS from the start or by STARTTLS, to the address that was checked. */
export const sendSmtp: Sender<'smtp'> = async (target, message, options) => {
  const { host, port, security, user, password, from, to } = target;
  const { timeoutMs, allowPrivate } = options;
  if (security === 'none' && !allowPrivate)
    throw new DeliveryError(`\`${host}\` would get mail in plain text, set security to \`starttls\` or \`tls\``, true);
  const { address } = await addressOf(host, allowPrivate);
  const transport = createTransport({
    host: address,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // A certificate is for a name; of an address there is none to ask for.
    tls: isIP(host) === 0 ? { servername: host } : {},
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Nothing in a message is a path or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject: `[Netpol Atlas] ${message.title}`,
      text: mailText(message),
      messageId: `<${message.id}@netpol-atlas>`,
      date: message.at,
      attachments: attached(message),
    });
  } catch (cause) {
    const { responseCode, message: reason } = cause as { responseCode?: number; message: string };
    throw new DeliveryError(`\`${host}\` did not take the mail: ${reason}`, (responseCode ?? 0) >= 500, { cause });
  } finally {
    transport.close();
  }
};

function mailText({ title, text, facts, link }: Message): string {
  const lines = facts.map(({ name, value }) => `${name}: ${value}`);
  return [title, text, lines.join('\n'), link ?? ''].filter((part) => part !== '').join('\n\n');
}

function attached({ files }: Message) {
  let left = MOST_ATTACHED_BYTES;
  return files
    .filter(({ bytes }) => (left -= bytes.length) >= 0)
    .map(({ name, mediaType, bytes }) => ({ filename: name, contentType: mediaType, content: Buffer.from(bytes) }));
}
