import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { AppError } from '#contracts';
import { loadKubeConfig, type KubeAccess } from './kubeconfig.js';

const PATH = '/apis/authentication.k8s.io/v1/tokenreviews';
const TIMEOUT_MS = 5_000;
const MAX_BODY_BYTES = 1024 * 1024;
const FORBIDDEN = 'it answered 403, bind the ClusterRole `system:auth-delegator` to the account that reads it';

/** Whose token it is, as the cluster says. */
export interface ReviewedUser {
  readonly username: string;
  readonly groups: readonly string[];
}

interface ReviewStatus {
  readonly authenticated?: unknown;
  readonly audiences?: unknown;
  readonly user?: { readonly username?: unknown; readonly groups?: unknown };
}

/**
 * Asks a cluster whose token this is; the one thing that is ever posted to a cluster, and nothing is kept there. Null
 * when the token is not good, or not for `audience`: an API server that does not know audiences says nothing of them.
 * @throws AppError `cluster.unreachable`, and what `loadKubeConfig` throws
 */
export async function reviewToken(access: KubeAccess, token: string, audience: string): Promise<ReviewedUser | null> {
  const body = JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences: [audience] },
  });
  const { status } = (await post(access, body)) as { status?: ReviewStatus };
  if (status?.authenticated !== true || !textsOf(status.audiences).includes(audience)) return null;
  const username = status.user?.username;
  return typeof username === 'string' && username !== '' ? { username, groups: textsOf(status.user?.groups) } : null;
}

async function post(access: KubeAccess, body: string): Promise<unknown> {
  const config = await loadKubeConfig(access);
  const server = config.getCurrentCluster()?.server ?? '';
  const options: RequestOptions = {
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'netpol-atlas',
    },
  };
  await config.applyToHTTPSOptions(options);
  const base = new URL(server);
  const url = new URL(base.pathname.replace(/\/$/, '') + PATH, base);
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => {
      reject(new AppError('cluster.unreachable', `the cluster cannot be asked whose token it is: ${why}`, { cause }));
    };
    const request = open(url, { ...options, method: 'POST', signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BODY_BYTES) request.destroy(new Error('its answer is too long'));
        chunks.push(chunk);
      });
      response.on('error', (error) => {
        fail(error.message, error);
      });
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status !== 200 && status !== 201) {
          fail(status === 403 ? FORBIDDEN : `it answered ${String(status)}`);
          return;
        }
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          fail('its answer is not JSON', error);
        }
      });
    });
    request.on('error', (error) => {
      fail(error.message, error);
    });
    request.end(body);
  });
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
