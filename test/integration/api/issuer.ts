import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

/** A provider of tokens on loopback, with real keys. */
export interface Issuer {
  readonly issuer: string;
  readonly jwksUri: string;
  /** How often its keys were fetched. */
  fetches(): number;
  readonly publicKeys: readonly JWK[];
  /** A token with these claims over good ones; `header` over a good header. */
  sign(claims?: Record<string, unknown>, header?: { kid?: string; alg?: string; typ?: string }): Promise<string>;
  close(): Promise<void>;
}

/** Starts a provider whose keys are `rs` (RS256) and `es` (ES256). */
export async function startIssuer(name: string): Promise<Issuer> {
  const keys = new Map<string, { readonly alg: string; readonly privateKey: CryptoKey; readonly jwk: JWK }>();
  for (const [kid, alg] of [
    ['rs', 'RS256'],
    ['es', 'ES256'],
  ] as const) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.set(kid, { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
  }
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [...keys.values()].map(({ jwk }) => jwk) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `https://${name}.example`;
  return {
    issuer,
    jwksUri: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/keys`,
    fetches: () => fetches,
    publicKeys: [...keys.values()].map(({ jwk }) => jwk),
    sign: (claims = {}, header = {}) => {
      const key = keys.get(header.kid ?? 'rs') ?? keys.get('rs');
      if (key === undefined) throw new Error('no key');
      const now = Math.floor(Date.now() / 1000);
      const all = {
        iss: issuer,
        aud: 'atlas',
        sub: 'ann',
        iat: now,
        exp: now + 300,
        email: 'ann@example.com',
        ...claims,
      };
      return new SignJWT(all)
        .setProtectedHeader({ alg: key.alg, kid: 'rs', typ: 'at+jwt', ...header })
        .sign(key.privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
