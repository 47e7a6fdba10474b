// A replica that delivers the outbox and hangs in the middle of it: tests kill it there, after the commit that
// brought the item and before the word that it was delivered.

import type { OutboxItem } from '#core/outbox.ts';
import { parseMasterKeys } from '#custody/master-key.ts';
import { startOutbox } from '#jobs/outbox.ts';
import { openStore } from '#store/open-store.ts';
import { outboxPorts } from './outbox-ports.ts';

const [databaseUrl = '', masterKey = '', item = '', nowMs = ''] = process.argv.slice(2);

const { store } = await openStore({
  databaseUrl,
  loadKeys: () => ({ keys: parseMasterKeys(masterKey), source: 'value' }),
  nowMs: () => Number(nowMs),
});
const hang = async ({ id }: OutboxItem) => {
  process.stdout.write(`${id}\n`);
  return new Promise<never>(() => setInterval(() => undefined, 1000));
};
startOutbox(
  outboxPorts(store, () => Number(nowMs)),
  { mail: hang, 'password-reset': hang, 'sessions-ended': hang, 'back-channel-logout': hang },
);
await store.commit([{ change: 'outbox.add', item: JSON.parse(item) as OutboxItem }]);
