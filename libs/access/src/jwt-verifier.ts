import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import { AppError } from '#contracts';
import type { Caller } from './access.js';
import { grantsOf, type AuthSettings, type IssuerSettings } from './auth-settings.js';

/** A key that is not known is looked for at most this often, whatever tokens come. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5_000;

type Keys = ReturnType<typeof createRemoteJWKSet>;

/** Reads the tokens of OpenID providers. The provider is the one that a token names, and must be one of ours. */
export class JwtVerifier {
  private readonly keys = new Map<string, Keys>();

  constructor(private readonly settings: AuthSettings) {
    for (const { issuer, jwksUri } of settings.issuers) {
      const options = { cooldownDuration: COOLDOWN_MS, timeoutDuration: TIMEOUT_MS };
      this.keys.set(issuer, createRemoteJWKSet(new URL(jwksUri), options));
    }
  }

  /** The settings of the provider that the token says it is of; null for text that is no token of a known one. */
  issuerOf(token: string): IssuerSettings | null {
    try {
      const { iss } = decodeJwt(token);
      return this.settings.issuers.find(({ issuer }) => issuer === iss) ?? null;
    } catch {
      return null;
    }
  }

  /** @throws AppError `unauthenticated`, which says no more than what the sender knows */
  async verify(token: string, of: IssuerSettings): Promise<Caller> {
    const keys = this.keys.get(of.issuer);
    if (keys === undefined) throw refused('it is of no provider that is accepted here');
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: of.issuer,
        audience: of.audience,
        // From a list, never from the token alone.
        algorithms: [...of.algorithms],
        clockTolerance: of.clockSkewSeconds,
        requiredClaims: ['exp', 'sub'],
        ...(of.typ === undefined ? {} : { typ: of.typ }),
      });
      return this.caller(payload, of);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw refused(reasonOf(error), error);
    }
  }

  private caller(payload: JWTPayload, of: IssuerSettings): Caller {
    const subject = payload.sub ?? '';
    const name = payload[of.nameClaim];
    return {
      subject: `oidc:${of.issuer}#${subject}`,
      name: typeof name === 'string' && name !== '' ? name : subject,
      authentication: 'oidc',
      grants: grantsOf(this.settings, textsOf(payload[of.groupsClaim])),
      expiresAt: new Date((payload.exp ?? 0) * 1_000),
    };
  }
}

function textsOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return [claim];
  return Array.isArray(claim) ? claim.filter((entry) => typeof entry === 'string') : [];
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired, get a fresh one';
  if (error instanceof errors.JWTClaimValidationFailed) return `its \`${error.claim}\` is not what is accepted here`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not accepted here';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'it is signed with a key that its provider does not publish';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not fit';
  if (error instanceof errors.JWKSTimeout) return 'the keys of its provider cannot be fetched just now';
  return 'it cannot be read';
}

function refused(why: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', `the token is not accepted: ${why}`, { cause });
}
