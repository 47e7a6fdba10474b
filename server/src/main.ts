#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// The command: what to run is said by its first word. Settings of the process itself come before everything else
// is loaded.

import { enableCompileCache } from 'node:module';
import { availableParallelism } from 'node:os';

enableCompileCache();
// Hashing fills libuv's pool; with some threads more a file operation need not wait behind it.
process.env['UV_THREADPOOL_SIZE'] ??= String(availableParallelism() + 4);

const { runCommand } = await import('./commands.ts');
process.exitCode = await runCommand(process.argv.slice(2));
