import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ANONYMOUS, type Caller } from '#access';

/** Finds out who sends a request. */
@Injectable()
export class CallerResolver {
  /** @throws AppError `unauthenticated` */
  resolve(_headers: IncomingHttpHeaders): Promise<Caller> {
    return Promise.resolve(ANONYMOUS);
  }
}
