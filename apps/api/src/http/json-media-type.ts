/** Of an answer whose JSON is written by hand. */
export const JSON_MEDIA_TYPE = 'application/json; charset=utf-8';
