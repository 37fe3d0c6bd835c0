// What the browser keeps of an account: history, contacts, and what is not acknowledged yet.

export type Delivery = 'waiting' | 'sent' | 'refused';
export interface StoredMessage {
  id: string;             // "in:<name>" or "out:<seq>"; the same message never twice
  peer: number;
  at: number;             // milliseconds
  out: boolean;
  kind: string;
  text: string;
  url?: string;
  state?: Delivery;       // of what was sent
  from?: number;          // who wrote it in a room, and his name then
  nick?: string;
}
export type RoomRole = 'member' | 'administrator' | 'owner';
/** Somebody, or a room: then `role` is what one is there, and nothing when one is no member. */
export interface Contact { uin: number; nick: string; group?: number; blocked?: boolean; unread?: number; listed: boolean; role?: RoomRole }
export interface Waiting { seq: number; frame: string; id: string }

function wait<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export class Store {
  private constructor(private readonly db: IDBDatabase) {}

  static async open(uin: number): Promise<Store> {
    const request = indexedDB.open(`uhoh-${uin}`, 1);
    request.onupgradeneeded = () => {
      const messages = request.result.createObjectStore('messages', { keyPath: 'id' });
      messages.createIndex('conversation', ['peer', 'at']);
      request.result.createObjectStore('contacts', { keyPath: 'uin' });
      request.result.createObjectStore('outbox', { keyPath: 'seq' });
      request.result.createObjectStore('meta');
    };
    return new Store(await wait(request));
  }
  close(): void { this.db.close(); }

  async meta<T>(name: string): Promise<T | undefined> {
    return wait(this.db.transaction('meta').objectStore('meta').get(name));
  }
  async setMeta(name: string, value: unknown): Promise<void> {
    const t = this.db.transaction('meta', 'readwrite');
    t.objectStore('meta').put(value, name);
    return done(t);
  }

  /** The client's own name towards the server: a secret that tells repeats from other people's messages. */
  async clientName(): Promise<string> {
    const known = await this.meta<string>('client');
    if (known) return known;
    const bytes = crypto.getRandomValues(new Uint8Array(18));
    const name = btoa(String.fromCharCode(...bytes)).replace(/[+/]/g, '-');
    await this.setMeta('client', name);
    return name;
  }
  /** The next own number; it is kept before it is used, so that none comes twice. */
  async nextSeq(): Promise<number> {
    const t = this.db.transaction('meta', 'readwrite');
    const meta = t.objectStore('meta');
    const next = ((await wait(meta.get('seq'))) as number | undefined ?? 0) + 1;
    meta.put(next, 'seq');
    await done(t);
    return next;
  }

  contacts(): Promise<Contact[]> { return wait(this.db.transaction('contacts').objectStore('contacts').getAll()); }
  async putContact(contact: Contact): Promise<void> {
    const t = this.db.transaction('contacts', 'readwrite');
    t.objectStore('contacts').put(contact);
    return done(t);
  }
  async removeContact(uin: number): Promise<void> {
    const t = this.db.transaction('contacts', 'readwrite');
    t.objectStore('contacts').delete(uin);
    return done(t);
  }

  /** Keeps a message, behind those that came just before it; false when it is there already. */
  async add(message: StoredMessage): Promise<boolean> {
    const t = this.db.transaction('messages', 'readwrite');
    const messages = t.objectStore('messages');
    const known = await wait(messages.getKey(message.id));
    if (known === undefined) {
      // The server's times have seconds only, and are not the browser's.
      const { peer, at } = message;
      const last = await wait(messages.index('conversation').openKeyCursor(IDBKeyRange.bound([peer, at], [peer, at + 5000]), 'prev'));
      messages.put(last ? { ...message, at: (last.key as [number, number])[1] + 1 } : message);
    }
    await done(t);
    return known === undefined;
  }
  /** Keeps a message together with the frame that sends it. */
  async addOutgoing(message: StoredMessage, waiting: Waiting): Promise<void> {
    const t = this.db.transaction(['messages', 'outbox'], 'readwrite');
    t.objectStore('messages').put(message);
    t.objectStore('outbox').put(waiting);
    return done(t);
  }
  waiting(): Promise<Waiting[]> { return wait(this.db.transaction('outbox').objectStore('outbox').getAll()); }
  /** What was sent is acknowledged or refused. */
  async settle(seq: number, state: Delivery): Promise<StoredMessage | undefined> {
    const t = this.db.transaction(['messages', 'outbox'], 'readwrite');
    const messages = t.objectStore('messages'), outbox = t.objectStore('outbox');
    outbox.delete(seq);
    const message = (await wait(messages.get(`out:${seq}`))) as StoredMessage | undefined;
    if (message) messages.put({ ...message, state });
    await done(t);
    return message && { ...message, state };
  }
  /** The newest messages of a conversation, oldest first. */
  async conversation(peer: number, limit = 200): Promise<StoredMessage[]> {
    const index = this.db.transaction('messages').objectStore('messages').index('conversation');
    const found: StoredMessage[] = [];
    return new Promise((resolve, reject) => {
      const cursor = index.openCursor(IDBKeyRange.bound([peer, 0], [peer, Infinity]), 'prev');
      cursor.onsuccess = () => {
        const at = cursor.result;
        if (!at || found.length >= limit) return resolve(found.reverse());
        found.push(at.value);
        at.continue();
      };
      cursor.onerror = () => reject(cursor.error);
    });
  }
  async forgetConversation(peer: number): Promise<void> {
    const t = this.db.transaction('messages', 'readwrite');
    const cursor = t.objectStore('messages').index('conversation').openCursor(IDBKeyRange.bound([peer, 0], [peer, Infinity]));
    cursor.onsuccess = () => {
      cursor.result?.delete();
      cursor.result?.continue();
    };
    return done(t);
  }
}
