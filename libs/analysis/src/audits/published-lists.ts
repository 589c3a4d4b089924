import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readAddressLists, type AddressList } from '#checks';
import type { Log } from '#telemetry';

/** The lists of addresses that cloud providers publish, from a folder; read again when a file of it changes. */
export class PublishedLists {
  private known: { readonly stamp: string; readonly lists: readonly AddressList[] } = { stamp: '', lists: [] };

  /** @param folder null for no lists */
  constructor(
    private readonly folder: string | null,
    private readonly log: Log,
  ) {}

  /** What can be read now; what cannot is told in the log, and no audit fails for it. */
  async all(): Promise<readonly AddressList[]> {
    const { folder } = this;
    if (folder === null) return [];
    try {
      const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
      const stamps = await Promise.all(
        files.map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`),
      );
      const stamp = stamps.join();
      if (stamp !== this.known.stamp) {
        const lists = await Promise.all(files.map((name) => this.read(join(folder, name))));
        this.known = { stamp, lists: lists.flat() };
      }
    } catch (error) {
      this.log.warn('lists of addresses cannot be read', { folder, error });
    }
    return this.known.lists;
  }

  private async read(file: string): Promise<readonly AddressList[]> {
    const lists = await readFile(file, 'utf8')
      .then((text) => readAddressLists(JSON.parse(text)))
      .catch(() => null);
    if (lists === null) this.log.warn('this is no list of addresses of AWS, Google or Azure', { file });
    return lists ?? [];
  }
}
