import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { ServerCertificate } from './authority.js';

export interface Mail {
  readonly to: readonly string[];
  readonly text: string;
  readonly user: string;
}

/** What the server offers beside plain text. */
export type MailTls = 'none' | 'starttls' | 'tls';

/** A mail server that takes everything from whoever knows the password. */
export class MailServer {
  readonly mails: Mail[] = [];
  /** Who gave a password, right or wrong. */
  readonly tries: string[] = [];
  private readonly server: SMTPServer;

  private constructor(password: string, tls: MailTls, certificate?: ServerCertificate) {
    this.server = new SMTPServer({
      // Else it warns of its certificate.
      logger: false,
      ...certificate,
      secure: tls === 'tls',
      disabledCommands: tls === 'starttls' ? [] : ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username = '', password: given }, _session, done) => {
        this.tries.push(username);
        if (given === password) done(null, { user: username });
        else done(Object.assign(new Error('wrong password'), { responseCode: 535 }));
      },
      onData: (stream, { envelope, user }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = envelope.rcptTo.map(({ address }) => address);
          this.mails.push({ to, text: Buffer.concat(chunks).toString('utf8'), user: String(user) });
          done();
        });
      },
    });
  }

  /** Its certificate is one that nobody trusts unless it is given one. */
  static async start(password: string, tls: MailTls = 'none', certificate?: ServerCertificate): Promise<MailServer> {
    const mail = new MailServer(password, tls, certificate);
    // Whoever does not trust it hangs up, which is an error here.
    mail.server.on('error', () => undefined);
    mail.server.listen(0, '127.0.0.1');
    await once(mail.server.server, 'listening');
    return mail;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }
}
