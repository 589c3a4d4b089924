import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { deliver, type Message } from '#delivery';
import { Authority } from '../support/delivery/authority.js';
import { MailServer, type MailTls } from '../support/delivery/mail-server.js';

const OPTIONS = { allowPrivate: true, timeoutMs: 10_000 };
const MESSAGE: Message = {
  id: 'a1b2',
  event: 'test',
  at: new Date('2026-11-27T09:00:00Z'),
  severity: 'info',
  cluster: 'shop',
  title: 'Broken\r\nBcc: eve@example.com\r\n\r\nsee',
  text: '.\r\nMAIL FROM:<eve@example.com>',
  facts: [{ name: 'owner', value: 'ann\r\n.\r\nQUIT' }],
  link: null,
  matter: 'm',
  isOver: false,
  files: [{ name: 'a"\r\nX-Evil: 1.md', mediaType: 'text/markdown', bytes: Buffer.from('# report') }],
};

describe('mail', () => {
  let server: MailServer;
  afterEach(() => server.stop());

  const send = async (offers: MailTls, security: MailTls, host = '127.0.0.1'): Promise<void> => {
    server = await MailServer.start('open sesame', offers);
    const login = { user: 'atlas', password: 'open sesame', from: 'atlas@example.com' };
    const target = { type: 'smtp', host, port: server.port, security, ...login, to: ['ann@example.com'] } as const;
    await deliver({ ...target, to: [...target.to] }, MESSAGE, OPTIONS);
  };

  it('has one receiver and the headers that it should have, whatever things are called', async () => {
    await send('none', 'none');
    const [mail] = server.mails;
    expect(server.mails).toHaveLength(1);
    expect(mail?.to).toEqual(['ann@example.com']);
    const [head = ''] = (mail?.text ?? '').split('\r\n\r\n');
    expect(head.match(/^[A-Za-z-]+(?=:)/gm)).toEqual([
      'From',
      'To',
      'Subject',
      'Message-ID',
      'Date',
      'MIME-Version',
      'Content-Type',
    ]);
    expect(mail?.text).not.toMatch(/^X-Evil:/m);
    expect(mail?.text).toContain('MAIL FROM:<eve@example.com>');
  });

  it.each([
    ['offers no TLS', 'none', 'starttls'],
    ['has a certificate that nobody trusts', 'starttls', 'starttls'],
    ['has a certificate that nobody trusts, from the start', 'tls', 'tls'],
    ['speaks plain text where TLS is expected', 'none', 'tls'],
  ] as const)('tells no password to a server that %s', async (_, offers, security) => {
    for (const host of ['127.0.0.1', 'localhost']) {
      await expect(send(offers, security, host)).rejects.toThrow(`\`${host}\` did not take the mail`);
      expect([server.tries, server.mails]).toEqual([[], []]);
      if (host === '127.0.0.1') await server.stop();
    }
  });

  it.each(['starttls', 'tls'] as const)('trusts an authority that the process is told of, by %s', async (security) => {
    const authority = await Authority.make();
    const sendFrom = async (name: string, env: Readonly<Record<string, string>>): Promise<string> => {
      server = await MailServer.start('open sesame', security, await authority.certify(name));
      const to = { user: 'atlas', password: 'open sesame', from: 'atlas@example.com', to: ['ann@example.com'] };
      const target = { type: 'smtp', host: 'localhost', port: server.port, security, ...to };
      const args = ['scripts/run.mjs', 'test/support/delivery/send-message.ts'];
      const sent = JSON.stringify({ target, message: MESSAGE, options: OPTIONS });
      return (await promisify(execFile)(process.execPath, [...args, sent], { env: { ...process.env, ...env } })).stdout;
    };
    try {
      const told = { NODE_EXTRA_CA_CERTS: authority.file };
      expect(await sendFrom('localhost', told)).toBe('');
      expect(server.mails.map(({ to, user }) => [to, user])).toEqual([[['ann@example.com'], 'atlas']]);
      await server.stop();
      expect(await sendFrom('localhost', {})).toContain('did not take the mail: unable to verify');
      await server.stop();
      expect(await sendFrom('mail.example.com', told)).toContain(`did not take the mail: Hostname/IP does not match`);
      expect([server.tries, server.mails]).toEqual([[], []]);
    } finally {
      await authority.remove();
    }
  });
});
