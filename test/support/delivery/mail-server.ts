import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly to: readonly string[];
  readonly text: string;
  readonly user: string;
}

/** A mail server that takes everything from whoever knows the password. */
export class MailServer {
  readonly mails: Mail[] = [];
  private readonly server: SMTPServer;

  private constructor(password: string) {
    this.server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username = '', password: given }, _session, done) => {
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

  static async start(password: string): Promise<MailServer> {
    const mail = new MailServer(password);
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
