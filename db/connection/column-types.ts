import pg from 'pg';

const { builtins } = pg.types;

/** Whole numbers of this schema (tokens, nano-dollars, milliseconds) stay far below 2^53. */
const parsers: Partial<Record<number, (text: string) => unknown>> = {
  [builtins.INT8]: Number,
  [builtins.NUMERIC]: Number,
  [builtins.TIMESTAMPTZ]: (text) => new Date(text).toISOString(),
};

/** bigint and numeric become numbers, timestamps ISO 8601 strings in UTC; the rest is as pg has it. */
export const parseValue: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  (format !== 'binary' && parsers[oid]) || (pg.types.getTypeParser(oid, format) as never);
