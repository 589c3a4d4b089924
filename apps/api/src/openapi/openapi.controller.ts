import { Controller, Get } from '@nestjs/common';
import { RouteAction } from '../access/action.decorator.js';
import { openApiDocument } from './openapi-document.js';

@Controller('api/v1')
export class OpenApiController {
  private readonly document = openApiDocument();

  @Get('openapi.json')
  @RouteAction('public')
  get(): object {
    return this.document;
  }
}
