// The floor runs the statements of the service, and has to follow when they change.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareFloor } from './floor.ts';

test('a round of the floor goes through', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'secondring-floor-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const floor = await prepareFloor({ folder, clients: 2, isHashing: false });
  const { cpuMsPerSignIn } = await floor.slice(1);
  floor.close();
  assert.ok(cpuMsPerSignIn > 0);
});
