// The OIDC library's storage, on our store. Clients are our applications; everything else is a document of ours.

import type { Adapter, AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { errors, Provider } from 'oidc-provider';
import type { Ports } from '#core/ports.ts';
import { sessionLifeMs } from '#core/session.ts';
import {
  consumeDocument,
  findDocument,
  findDocumentByUid,
  type LibraryDocument,
  putDocument,
  removeDocument,
  revokeGrant,
} from '#flows/oidc-documents.ts';
import { clientMetadata } from './client.ts';

/** Makes the adapter of one model. */
export function createAdapter(ports: Ports, model: string): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      const document = payload as LibraryDocument;
      const lifeSeconds = expiresIn ?? sessionLifeMs / 1000;
      await putDocument(ports, model, id, document, { sessionId: sessionOf(model, document), lifeSeconds });
    },
    async find(id) {
      if (model === 'Client') return clientMetadata(await ports.store.client(id));
      return (await findDocument(ports, model, id)) as AdapterPayload | undefined;
    },
    async findByUid(uid) {
      return (await findDocumentByUid(ports, model, uid)) as AdapterPayload | undefined;
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      if (await consumeDocument(ports, model, id)) return;
      // Of two requests with one code the later must fail, and what the earlier got is taken back (RFC 6749 4.1.2).
      const document = await findDocument(ports, model, id);
      if (document?.grantId !== undefined) await revokeGrant(ports, document.grantId);
      throw new errors.InvalidGrant('it was used already');
    },
    destroy: (id) => removeDocument(ports, model, id),
    revokeByGrantId: (grantId) => revokeGrant(ports, grantId),
  };
}

/** The session a document lives and dies with: the library's session has our session's id for its `uid`. */
function sessionOf(model: string, document: LibraryDocument): string | undefined {
  switch (model) {
    case 'Session':
      // Before anybody signed in the library keeps a session of its own for a browser.
      return document['accountId'] === undefined ? undefined : document.uid;
    case 'AuthorizationCode':
    case 'AccessToken':
    case 'RefreshToken':
      return document.sessionUid;
    case 'Grant': {
      const context: KoaContextWithOIDC | undefined = Provider.ctx;
      return context?.oidc.session?.uid;
    }
    default:
      return undefined;
  }
}
