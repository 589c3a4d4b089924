import { loadConfig } from '#config';
import { AppError } from '#contracts';
import { createLog } from '#telemetry';

import { PushAgent } from './push-agent.js';

/** Runs the agent from the environment until a signal. What ends it otherwise is logged, with status 1. */
export async function startAgent(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  try {
    const config = loadConfig(env, 'agent');
    const { agent } = config;
    if (agent === null) throw new AppError('startup.failed', 'AGENT_HUB_URL is required, set it');
    const log = createLog({ ...config.log, app: 'agent' });
    const running = new PushAgent({ ...config, agent }, log);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => running.stop());
    log.info('agent is running');
    await running.run();
    log.info('agent has stopped');
  } catch (error) {
    createLog({ level: 'info', format: 'json', app: 'agent' }).error('agent ended', { error });
    process.exitCode = 1;
  }
}
