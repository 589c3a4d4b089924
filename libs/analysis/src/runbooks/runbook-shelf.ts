import { Injectable } from '@nestjs/common';
import { loadRunbooks, type Runbook } from '#checks';
import { AppError } from '#contracts';

/** The runbooks that this version has, loaded once. */
@Injectable()
export class RunbookShelf {
  private runbooks: Promise<readonly Runbook[]> | undefined;

  /** Every runbook, in order of number. */
  list(): Promise<readonly Runbook[]> {
    return (this.runbooks ??= loadRunbooks());
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<Runbook> {
    const all = await this.list();
    const found = all.find((runbook) => runbook.id === id);
    if (found !== undefined) return found;
    throw new AppError(
      'not_found',
      `there is no runbook \`${id}\`, there are ${all.map((each) => each.id).join(', ')}`,
    );
  }
}
