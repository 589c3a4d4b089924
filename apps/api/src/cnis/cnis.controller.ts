import { Controller, Get, Query } from '@nestjs/common';
import { parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { comparedCnis, type CniListBody } from './cnis.mapper.js';

@Controller('api/v1/cnis')
export class CnisController {
  @Get()
  @RouteAction('cluster.read')
  list(@Query() query: unknown): CniListBody {
    parseInput(noQuery, query);
    return { items: comparedCnis() };
  }
}
