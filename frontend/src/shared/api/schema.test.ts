import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');

test('the generated types are those of the API document; `npm run generate` brings them up to date', async () => {
  const fresh = COMMENT_HEADER + astToString(await openapiTS(read('../../../../docs/api/openapi.json')));
  expect(read('schema.gen.ts') === fresh).toBe(true);
}, 30_000);
