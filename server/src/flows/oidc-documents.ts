// Use case: the OIDC library keeps its sessions, grants, codes and tokens with us. Every document is known by the
// SHA-256 of its identifier, and the identifier is taken out of what is stored, so that a copy of the database
// holds nothing that could be presented. What carries our session's id is not found once that session has ended.

import { createHash } from 'node:crypto';
import type { Change } from '#core/changes.ts';
import type { FoundOidcDocument, Ports } from '#core/ports.ts';

/** A document as the library hands it over; the members we know of. */
export interface LibraryDocument {
  readonly jti?: string;
  readonly uid?: string;
  readonly grantId?: string;
  readonly sessionUid?: string;
  readonly clientId?: string;
  readonly session?: { readonly cookie?: string };
  readonly returnTo?: string;
  readonly [member: string]: unknown;
}

/** Stores a document for so many seconds. */
export async function putDocument(
  ports: Ports,
  model: string,
  id: string,
  document: LibraryDocument,
  about: { readonly sessionId: string | undefined; readonly lifeSeconds: number },
): Promise<void> {
  const { jti: _, ...rest } = document;
  // An interaction would keep the identifier of the library's session, which is what its cookie holds, and the address
  // it is resumed at, which ends in its own.
  const session = rest.session && { ...rest.session, cookie: undefined };
  const returnTo =
    rest.returnTo?.endsWith(`/${id}`) === true ? rest.returnTo.slice(0, -id.length) : undefined;
  const stored = { ...rest, ...(session && { session }), ...(returnTo !== undefined && { returnTo }) };
  await ports.store.commit([
    ...entering(ports, model, rest),
    {
      change: 'oidc-document.put',
      document: {
        model,
        idHash: hashOf(model, id),
        uidHash: model === 'Session' && rest.uid !== undefined ? hashOf('uid', rest.uid) : undefined,
        grantIdHash: rest.grantId === undefined ? undefined : hashOf('Grant', rest.grantId),
        sessionId: about.sessionId,
        payload: JSON.stringify(stored),
        expiresAtMs: ports.nowMs() + about.lifeSeconds * 1000,
      },
    },
  ]);
}

/** With an authorization code a session leads into an application, which is to hear of the session's end. */
function entering(ports: Ports, model: string, { sessionUid, clientId }: LibraryDocument): readonly Change[] {
  if (model !== 'AuthorizationCode' || sessionUid === undefined || clientId === undefined) return [];
  return [{ change: 'session.enter', sessionId: sessionUid, clientId, nowMs: ports.nowMs() }];
}

/** Finds a live document by its identifier. */
export async function findDocument(
  ports: Ports,
  model: string,
  id: string,
): Promise<LibraryDocument | undefined> {
  const found = await ports.store.oidcDocument(model, hashOf(model, id), ports.nowMs());
  return found && restored(found, id);
}

/** Finds the library's session by its `uid`, which is our session's id. */
export async function findDocumentByUid(
  ports: Ports,
  model: string,
  uid: string,
): Promise<LibraryDocument | undefined> {
  const found = await ports.store.oidcDocumentByUid(model, hashOf('uid', uid), ports.nowMs());
  return found && restored(found, undefined);
}

/** Uses up a one-time document. Of any number of requests at once exactly one gets true. */
export async function consumeDocument(ports: Ports, model: string, id: string): Promise<boolean> {
  const change = {
    change: 'oidc-document.consume',
    model,
    idHash: hashOf(model, id),
    nowMs: ports.nowMs(),
  } as const;
  const { committed } = await ports.store.commit([change]);
  return committed;
}

/** Removes a document. */
export async function removeDocument(ports: Ports, model: string, id: string): Promise<void> {
  await ports.store.commit([{ change: 'oidc-document.remove', model, idHash: hashOf(model, id) }]);
}

/** Removes everything that a grant gave. */
export async function revokeGrant(ports: Ports, grantId: string): Promise<void> {
  await ports.store.commit([{ change: 'oidc-document.revoke-grant', grantIdHash: hashOf('Grant', grantId) }]);
}

function restored(found: FoundOidcDocument, id: string | undefined): LibraryDocument {
  const document = JSON.parse(found.payload) as LibraryDocument;
  return {
    ...document,
    ...(id !== undefined && { jti: id }),
    ...(id !== undefined && document.returnTo?.endsWith('/') && { returnTo: document.returnTo + id }),
    ...(found.consumedAtMs !== undefined && { consumed: Math.floor(found.consumedAtMs / 1000) }),
  };
}

function hashOf(kind: string, id: string): Uint8Array {
  return createHash('sha256').update(`${kind}\0${id}`).digest();
}
