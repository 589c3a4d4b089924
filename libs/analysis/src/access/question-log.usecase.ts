import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { AppError } from '#contracts';
import { QuestionLogRepository, type LogEntry, type LogFilter, type LoggedQuestion } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listedPage, type ListedPage } from '../paging/listed-page.js';

/** A page of the log, the newest entry first. */
export type LogPage = ListedPage<LogEntry>;

/** Who asked what. Its entries name clusters and namespaces of every tenant, so it is for who may see all of them. */
@Injectable()
export class QuestionLog {
  constructor(
    @Inject(QuestionLogRepository) private readonly entries: QuestionLogRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  append(entries: readonly LoggedQuestion[]): Promise<void> {
    return this.entries.append(entries);
  }

  /** @throws AppError `forbidden`, `cursor.invalid` */
  async list(query: LogFilter & { readonly limit: number; readonly cursor?: string | undefined }): Promise<LogPage> {
    const access = currentAccess();
    if (!access.seesEverything) {
      throw new AppError('forbidden', `\`${access.caller.name}\` may see a part only, the log is of all clusters`);
    }
    const { limit, cursor, ...filter } = query;
    const scope = ['log', filter];
    const before = cursor === undefined ? undefined : String(this.cursors.open(scope, cursor)[0]);
    const found = await this.entries.list(filter, limit + 1, before);
    return listedPage(found, limit, ({ id }) => this.cursors.seal(scope, [id]));
  }
}
