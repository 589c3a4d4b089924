import { Injectable } from '@nestjs/common';
import { loadRunbooks, runbookNamed, runbooksNear, type Runbook } from '#checks';
import { AppError } from '#contracts';

/** The runbooks that this version has, loaded once. */
@Injectable()
export class RunbookShelf {
  private runbooks: Promise<readonly Runbook[]> | undefined;

  /** Every runbook, in order of number. */
  list(): Promise<readonly Runbook[]> {
    return (this.runbooks ??= loadRunbooks());
  }

  /** By id, number, link or alert. @throws AppError `not_found` */
  async get(name: string): Promise<Runbook> {
    const all = await this.list();
    const found = runbookNamed(all, name);
    if (found !== null) return found;
    const ids = all.map(({ id }) => id).join(', ');
    throw new AppError('not_found', `there is no runbook \`${name}\`, there are ${ids}`, {
      details: { near: runbooksNear(all, name) },
    });
  }
}
