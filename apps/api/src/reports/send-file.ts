import type { FastifyReply } from 'fastify';
import type { ReportFile } from '#analysis';

/** Sends a report as a file. What clusters call things stands in it, so a page of it runs nothing and loads nothing. */
export async function sendFile(reply: FastifyReply, { bytes, mediaType, name }: ReportFile): Promise<void> {
  await reply
    .header('content-type', mediaType)
    .header('content-disposition', `inline; filename="${name}"`)
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
    .header('cache-control', 'private, no-cache')
    .send(Buffer.from(bytes));
}
