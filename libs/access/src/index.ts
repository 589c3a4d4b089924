export { Access, accessFor, ANONYMOUS, systemAccess } from './access.js';
export type { Authentication, Caller, ClusterIdentity, Grant } from './access.js';
export { ROLES, ROLES_OF_ACTION } from './actions.js';
export type { Action, Role } from './actions.js';
export { currentAccess, iterateWithAccess, runAsSystem, runWithAccess } from './current-access.js';
export { ALL_NAMES, matchesGlob, NO_NAMESPACE } from './name-set.js';
export type { NameSet } from './name-set.js';
export { NamespaceScope, WHOLE_SCOPE } from './namespace-scope.js';
export type { NamespaceLabels } from './namespace-scope.js';
export { hashApiToken, isApiToken, newApiToken, TOKEN_PREFIX } from './api-token.js';
export {
  authSettings,
  createTokenInput,
  grantInput,
  grantsOf,
  readAuthSettings,
  rotateTokenInput,
} from './auth-settings.js';
export type { AuthSettings, CreateTokenInput, IssuerSettings } from './auth-settings.js';
export { mayHandOn } from './grant-covers.js';
export { JwtVerifier } from './jwt-verifier.js';
export { readChatSettings } from './chat-settings.js';
export type { ChatApp, ChatPlatform } from './chat-settings.js';
