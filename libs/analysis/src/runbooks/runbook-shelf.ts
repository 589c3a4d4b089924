import { Injectable } from '@nestjs/common';
import { loadChecks, loadRunbooks, type Check, type Runbook } from '#checks';
import { AppError } from '#contracts';

/** Runbooks and the checks that their steps use, read once. */
@Injectable()
export class RunbookShelf {
  private runbooks: Promise<readonly Runbook[]> | null = null;
  private knownChecks: Promise<readonly Check[]> | null = null;

  /** Every runbook, in order of number. */
  list(): Promise<readonly Runbook[]> {
    return (this.runbooks ??= loadRunbooks());
  }

  checks(): Promise<readonly Check[]> {
    return (this.knownChecks ??= loadChecks());
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
