import { oncePer } from '#engine';

/** A part of what was read as text, by which equal ones are known. Such parts stay as they are, and each is asked about often. */
export const textOf = oncePer((part: object): string => JSON.stringify(part));
