import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type {
  AppControllerRoute,
  AppViewRoute,
  BullBoardQueues,
  IServerAdapter,
  UIConfig,
} from '@bull-board/api/typings/app';
import type { Queue } from 'bullmq';

const UI = dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json'));
/** No part of it leads out of the folder. */
const FILE = /^\/static(\/\w[\w.-]*)+$/;

/** What the board says at an address: its page, a file of that, or data. */
export type BoardAnswer =
  | { readonly type: 'page'; readonly html: string }
  | { readonly type: 'file'; readonly extension: string; readonly bytes: Uint8Array }
  | { readonly type: 'data'; readonly status: number; readonly body: unknown };

interface DataRoute {
  readonly path: RegExp;
  readonly route: AppControllerRoute;
}

/** Bull Board over queues, to look at alone: what changes something has no address here. */
export class JobBoard implements IServerAdapter {
  #queues: BullBoardQueues = new Map();
  #config: UIConfig = {};
  #entry: AppViewRoute | null = null;
  #routes: readonly DataRoute[] = [];

  /** `base` is where it stands, as `/board`. */
  constructor(
    queues: readonly Queue[],
    private readonly base: string,
  ) {
    createBullBoard({
      queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
      serverAdapter: this,
      options: { uiBasePath: UI, uiConfig: { boardTitle: 'Netpol Atlas' } },
    });
  }

  /** `path` follows `base`. Null where there is nothing. */
  async answer(path: string, query: Readonly<Record<string, unknown>>): Promise<BoardAnswer | null> {
    if (path.startsWith('/static/')) return file(path);
    for (const { path: pattern, route } of this.#routes) {
      const found = pattern.exec(path);
      if (found === null) continue;
      const request = {
        queues: this.#queues,
        uiConfig: this.#config,
        params: { ...found.groups },
        query,
        body: {},
        headers: {},
      };
      const { status = 200, body } = await route.handler(request);
      return { type: 'data', status, body };
    }
    return path.startsWith('/api/') ? null : this.#page();
  }

  async #page(): Promise<BoardAnswer | null> {
    if (this.#entry === null) return null;
    const { name, params } = this.#entry.handler({ basePath: this.base, uiConfig: this.#config });
    const template = await readFile(join(UI, 'dist', name), 'utf8');
    // Nothing that a caller gave stands in the page.
    return { type: 'page', html: template.replaceAll(/<%[=-] (\w+) %>/g, (_, key: string) => params[key] ?? '') };
  }

  setQueues(queues: BullBoardQueues): this {
    this.#queues = queues;
    return this;
  }

  setUIConfig(config: UIConfig): this {
    this.#config = config;
    return this;
  }

  setEntryRoute(route: AppViewRoute): this {
    this.#entry = route;
    return this;
  }

  setApiRoutes(routes: AppControllerRoute[]): this {
    const reading = routes.filter(({ method }) => [method].flat().includes('get'));
    this.#routes = reading.flatMap((route) =>
      [route.route].flat().map((path) => ({
        path: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
        route,
      })),
    );
    return this;
  }

  setViewsPath(): this {
    return this;
  }

  setStaticPath(): this {
    return this;
  }

  setErrorHandler(): this {
    return this;
  }
}

async function file(path: string): Promise<BoardAnswer | null> {
  if (!FILE.test(path)) return null;
  try {
    return { type: 'file', extension: extname(path), bytes: await readFile(join(UI, 'dist', path)) };
  } catch {
    return null;
  }
}
