/** A node's starts are numbered upwards, whatever its clock says. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { nextIncarnation } from '../../node/cli/job/incarnation.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('the number grows with every start, also with a clock that was set back', async (t) => {
  const folder = await temporaryFolder(t);
  t.is(await nextIncarnation(folder, 1_000), 1_000);
  t.is(await nextIncarnation(folder, 2_000), 2_000);
  t.is(await nextIncarnation(folder, 500), 2_001);
  t.is(await nextIncarnation(folder, 500), 2_002);
});

test('a file that is damaged counts for nothing', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'incarnation'), 'not a number');
  t.is(await nextIncarnation(folder, 7), 7);
});
