import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { loadChecks, type Check } from '#checks';

/** The checks that this version has, loaded once. */
@Injectable()
export class CheckCatalogue {
  private loaded: Promise<readonly Check[]> | undefined;

  /** Every check, in order of number. */
  all(): Promise<readonly Check[]> {
    return (this.loaded ??= loadChecks());
  }

  /** The checks with these ids, all without any; in order of number. @throws AppError `request.invalid` */
  async chosen(ids: readonly string[] | undefined): Promise<readonly Check[]> {
    const all = await this.all();
    if (ids === undefined) return all;
    const wrong = ids.filter((id) => !all.some((check) => check.id === id));
    if (wrong.length > 0) {
      const detail = `there is no check ${wrong.map((id) => `\`${id}\``).join(', ')}, list the checks to see their ids`;
      throw new AppError('request.invalid', detail, { errors: [{ pointer: '/checks', detail }] });
    }
    return all.filter((check) => ids.includes(check.id));
  }

  /** By id; a check that a stored report names may be gone since. */
  async byId(): Promise<ReadonlyMap<string, Check>> {
    return new Map((await this.all()).map((check) => [check.id, check]));
  }
}
