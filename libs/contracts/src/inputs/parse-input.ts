import { type z } from 'zod';
import { didYouMean, nearNames } from '#engine';
import { AppError, type ErrorCode, type FieldError } from '../app-error.js';
import { knownFields } from './known-fields.js';

/** Zod's words for a value that no member of a union takes. */
const ZOD_UNION = 'Invalid input';

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A name that is close to one that may be given there is a slip; one of another member of a union is in the wrong place. */
function unknownFields(schema: z.ZodType, path: readonly PropertyKey[], keys: readonly string[]): FieldError[] {
  const known = knownFields(schema, path);
  return keys.map((key) => {
    const [nearest] = known.has(key) ? [] : nearNames(key, known);
    const advice = nearest === undefined ? 'remove it' : didYouMean([nearest]);
    return { pointer: pointerOf([...path, key]), detail: `unknown field \`${key}\`, ${advice}` };
  });
}

/** Of a union's failed members the one that looked further inside than the others tells most; if none did, all tell. */
function unionErrors(schema: z.ZodType, issue: z.core.$ZodIssueInvalidUnion): FieldError[] {
  const here = pointerOf(issue.path);
  const members = issue.errors.map((issues) => issues.flatMap((inner) => issueErrors(schema, inner, issue.path)));
  const deepest = members.filter((errors) => errors.some(({ pointer }) => pointer !== here));
  if (deepest.length === 1) return deepest.flat();
  const details = members.flat().map(({ detail }) => detail);
  return [{ pointer: here, detail: deepest.length === 0 ? eitherOf(issue.message, details) : issue.message }];
}

/** What any of a union's members would take: `must be text or a list`. A schema's own words go before ours. */
function eitherOf(message: string, details: readonly string[]): string {
  const start = ['is required, give ', 'must be '].find((words) => details.every((detail) => detail.startsWith(words)));
  if (message !== ZOD_UNION || start === undefined) return message;
  return start + [...new Set(details.map((detail) => detail.slice(start.length)))].join(' or ');
}

function issueErrors(schema: z.ZodType, issue: z.core.$ZodIssue, base: readonly PropertyKey[] = []): FieldError[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') return unknownFields(schema, path, issue.keys);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionErrors(schema, { ...issue, path });
  return [{ pointer: pointerOf(path), detail: issue.message }];
}

/** The places that `error` of `schema` complains about, one entry a field: the first finding tells most. */
export function fieldErrors(schema: z.ZodType, error: z.ZodError): FieldError[] {
  const byPointer = new Map<string, FieldError>();
  for (const found of error.issues.flatMap((issue) => issueErrors(schema, issue))) {
    if (!byPointer.has(found.pointer)) byPointer.set(found.pointer, found);
  }
  return [...byPointer.values()];
}

/** The first of several mistakes, where it is, and how many more there are. */
export function mistakeWords(errors: readonly FieldError[]): string {
  const first = errors[0];
  if (first === undefined) return 'the input is not valid';
  const where = first.pointer === '' ? 'input' : `\`${first.pointer}\``;
  return `${where}: ${first.detail}${moreMistakes(errors)}`;
}

/** Behind the first of several mistakes: ` (and 2 more mistakes)`; '' behind the only one. */
export function moreMistakes({ length }: readonly unknown[]): string {
  if (length <= 1) return '';
  return length === 2 ? ' (and 1 more mistake)' : ` (and ${String(length - 1)} more mistakes)`;
}

/**
 * `value` as the schema reads it, defaults filled in.
 * Throws `AppError(code)` with one entry in `errors` for each wrong or unknown field.
 */
export function parseInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
  code: ErrorCode = 'request.invalid',
): z.output<T> {
  const result = schema.safeParse(value, CONTEXT);
  if (result.success) return result.data;
  const errors = fieldErrors(schema, result.error);
  throw new AppError(code, mistakeWords(errors), { errors });
}

/** With `async`, which zod sets in its copy: a name that the copy adds would give each a hidden class of its own. */
const CONTEXT = { error: describeIssue, async: false };

function typeName(expected: string): string {
  if (expected === 'string') return 'text';
  if (expected === 'int') return 'a whole number';
  if (expected === 'boolean') return 'true or false';
  if (expected === 'array') return 'a list';
  if (expected === 'object' || expected === 'record') return 'an object';
  return `a ${expected}`;
}

/** Our wording for what zod finds; undefined leaves a schema's own message or zod's. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined
      ? `is required, give ${typeName(issue.expected)}`
      : `must be ${typeName(issue.expected)}`;
  }
  if (issue.code === 'too_big') return `must be at most ${String(issue.maximum)}${lengthUnit(issue.origin)}`;
  if (issue.code === 'too_small') {
    if (['string', 'array'].includes(issue.origin) && Number(issue.minimum) === 1) return 'must not be empty';
    return `must be at least ${String(issue.minimum)}${lengthUnit(issue.origin)}`;
  }
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  // Of a union that is told apart by a field, which has none of its words.
  if (issue.code === 'invalid_union' && Array.isArray(issue['options'])) return oneOf(issue['options']);
  return undefined;
}

function oneOf(values: readonly unknown[]): string {
  return `must be one of ${values.map((value) => `\`${String(value)}\``).join(', ')}`;
}

function lengthUnit(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}
