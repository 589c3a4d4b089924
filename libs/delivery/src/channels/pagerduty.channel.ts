import { postJson } from '../http-send.js';
import type { Message } from '../message.js';
import type { Sender } from '../sender.js';

const MOST_SUMMARY = 1_024;
const MOST_KEY = 255;

/** Events API v2 of PagerDuty: what is over resolves the incident of the same matter. */
export const sendPagerduty: Sender<'pagerduty'> = async ({ routingKey, url }, message, options) => {
  const { matter, isOver, title, text, severity, at, cluster, facts, link, event } = message;
  const body = {
    routing_key: routingKey,
    event_action: isOver ? 'resolve' : 'trigger',
    dedup_key: matter.slice(0, MOST_KEY),
    payload: {
      summary: title.slice(0, MOST_SUMMARY),
      source: cluster ?? 'netpol-atlas',
      severity,
      timestamp: at.toISOString(),
      class: event,
      custom_details: { text, ...detailsOf(facts) },
    },
    ...(link === null ? {} : { links: [{ href: link, text: 'Netpol Atlas' }] }),
  };
  await postJson(url, body, options);
};

/** By name; several of one name, as findings of one check, a line each. */
function detailsOf(facts: Message['facts']): Readonly<Record<string, string>> {
  const details = new Map<string, string>();
  for (const { name, value } of facts) {
    const before = details.get(name);
    details.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  return Object.fromEntries(details);
}
