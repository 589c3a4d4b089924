import { z } from 'zod';
import { agentSequence, agentSession } from '#contracts';

export const batchQuery = z.strictObject({
  session: agentSession.describe('The session that the batch belongs to'),
  sequence: agentSequence.describe('Number of the batch in its session, from 1, growing'),
});
