import { createTokenInput, rotateTokenInput } from '#access';
import type { Operation } from '../openapi/operation.js';
import { issuedTokenBody, tokenListBody } from './token.body.js';

export const TOKEN_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/tokens',
    id: 'listTokens',
    tag: 'Access',
    summary: 'One’s own API tokens; everyone’s for an admin',
    status: 200,
    response: tokenListBody,
    errors: [],
  },
  {
    method: 'post',
    path: '/api/v1/tokens',
    id: 'createToken',
    tag: 'Access',
    summary: 'Make an API token; it is shown this once',
    body: createTokenInput,
    status: 201,
    response: issuedTokenBody,
    errors: [],
  },
  {
    method: 'post',
    path: '/api/v1/tokens/{token}/rotate',
    id: 'rotateToken',
    tag: 'Access',
    summary: 'Make a token in the place of another one, which stays good for a while',
    body: rotateTokenInput,
    status: 201,
    response: issuedTokenBody,
    errors: ['not_found', 'conflict'],
  },
  {
    method: 'delete',
    path: '/api/v1/tokens/{token}',
    id: 'revokeToken',
    tag: 'Access',
    summary: 'End a token at once',
    status: 204,
    response: null,
    errors: ['not_found'],
  },
];
