import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { sendHttp } from '../http-send.js';
import { messageData, type MessageFile } from '../message.js';
import type { Sender } from '../sender.js';

/** Objects in a bucket, put with Signature Version 4: the message as JSON, and each file beside it. */
export const sendS3: Sender<'s3'> = async (target, message, options) => {
  const { endpoint, region, bucket, prefix, accessKeyId, secretAccessKey } = target;
  const folder = `${prefix}${message.cluster ?? 'all'}/${message.at.toISOString().slice(0, 10)}/${message.id}`;
  const data = Buffer.from(JSON.stringify(messageData(message)));
  const objects: MessageFile[] = [
    ...message.files,
    { name: 'message.json', mediaType: 'application/json', bytes: data },
  ];
  for (const { name, mediaType, bytes } of objects) {
    const signed = await new AwsV4Signer({
      method: 'PUT',
      url: `${endpoint.replace(/\/+$/, '')}/${bucket}/${folder}/${encodeURIComponent(name)}`,
      headers: {
        'content-type': mediaType,
        'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex'),
      },
      accessKeyId,
      secretAccessKey,
      service: 's3',
      region,
    }).sign();
    const headers = Object.fromEntries(signed.headers);
    await sendHttp({ method: 'PUT', url: signed.url.href, headers, body: bytes }, options);
  }
};
