import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ANONYMOUS, type Caller } from '#access';

/** Finds out who sends a request. */
@Injectable()
export class CallerResolver {
  /** @throws AppError `unauthenticated` */
  resolve(_request: FastifyRequest): Promise<Caller> {
    return Promise.resolve(ANONYMOUS);
  }
}
