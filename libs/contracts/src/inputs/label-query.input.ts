import { z } from 'zod';
import { parseLabelQuery, type LabelQuery } from '../label-query.js';

/** A label selector in the syntax of Kubernetes, as `app=web,tier in (a, b),!legacy`. */
export const labelQueryInput = z.string().transform((text, context): LabelQuery => {
  const query = parseLabelQuery(text);
  if (query !== null) return query;
  context.addIssue({ code: 'custom', message: 'must be a label selector such as `app=web,tier in (a, b),!legacy`' });
  return z.NEVER;
});
