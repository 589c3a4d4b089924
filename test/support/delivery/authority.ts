import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = (args: readonly string[]) => promisify(execFile)('openssl', args);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface ServerCertificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** An authority that nobody knows but who is given its file. */
export class Authority {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<Authority> {
    const authority = new Authority(await mkdtemp(join(tmpdir(), 'atlas-authority-')));
    const [key, cert] = [authority.path('ca.key'), authority.file];
    await openssl(['req', '-x509', ...KEY, '-keyout', key, '-out', cert, '-subj', '/CN=authority', '-days', '2']);
    return authority;
  }

  /** Where its own certificate is. */
  get file(): string {
    return this.path('ca.pem');
  }

  /** A certificate for one name. */
  async certify(name: string): Promise<ServerCertificate> {
    const [key, cert] = [this.path(`${name}.key`), this.path(`${name}.pem`)];
    const signed = ['-CA', this.file, '-CAkey', this.path('ca.key'), '-days', '2'];
    const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    await openssl(['req', '-x509', ...KEY, '-keyout', key, '-out', cert, ...about, ...signed]);
    return { key: await readFile(key), cert: await readFile(cert) };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
}
