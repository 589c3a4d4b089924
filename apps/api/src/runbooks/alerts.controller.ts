import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ReceiveAlerts } from '#analysis';
import { alertmanagerInput, alertmanagerQuery, parseInput } from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { alertsReceivedToBody, type AlertsReceivedBody } from './runbooks.mapper.js';

/** The webhook that Alertmanager posts to. Anything but success makes it tell the same again. */
@Controller('api/v1/alerts')
export class AlertsController {
  constructor(@Inject(ReceiveAlerts) private readonly alerts: ReceiveAlerts) {}

  @Post('alertmanager')
  @HttpCode(200)
  @RouteAction('runbook.run', { startsWork: true })
  async receive(@Body() body: unknown, @Query() query: unknown): Promise<AlertsReceivedBody> {
    const { cluster } = parseInput(alertmanagerQuery, query);
    return alertsReceivedToBody(await this.alerts.execute(parseInput(alertmanagerInput, body), cluster));
  }
}
